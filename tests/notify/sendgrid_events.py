"""SendGrid's Event Webhook as it arrives: batches of events, signed, repeated and out of order."""

import base64
import json
import queue
import random
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.error import URLError
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
LARGEST_BATCH = 1000


@dataclass
class SigningKey:
    """The provider's key; `public` is what its settings page shows."""

    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def public(self) -> str:
        encoded = self.private.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(encoded).decode()

    def headers(self, body: bytes, at: float | None = None) -> dict[str, str]:
        """The headers of a genuine batch."""
        moment = str(int(time.time() if at is None else at))
        signed = self.private.sign(moment.encode() + body, ec.ECDSA(SHA256()))
        return {
            "Content-Type": "application/json",
            SIGNATURE: base64.b64encode(signed).decode(),
            TIMESTAMP: moment,
        }


def an_event(kind: str, mail_id: object, **but: Any) -> dict[str, Any]:
    """One event, with the fields that SendGrid sends."""
    event = {
        "email": "ann.lee@example.org",
        "timestamp": int(time.time()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": kind,
        "category": [],
        "sg_event_id": uuid4().hex,
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",
        "mail_id": str(mail_id),
    }
    return event | _EXTRAS.get(kind, {}) | but


def in_one_batch(events: list[dict[str, Any]]) -> bytes:
    """The body, with the line ends that SendGrid writes: they are signed too."""
    return ("[" + ",\r\n".join(json.dumps(each) for each in events) + "]\r\n").encode()


_EXTRAS: dict[str, dict[str, Any]] = {
    "delivered": {"response": "250 2.0.0 OK", "tls": 1},
    "deferred": {"response": "400 try again later", "attempt": "5"},
    "bounce": {"reason": "550 5.1.1 no such user", "status": "5.1.1", "type": "bounce"},
    "dropped": {"reason": "Bounced Address", "status": "5.0.0"},
}


class Reporter:
    """Reports on each mail that the stand-in takes: shuffled, some twice, until they are heard.

    The word after a plus in the address decides, as in `ann+bounce@example.org`: `bounce`,
    `blocked`, `dropped`, `spam`, `unsubscribe`; any other mail is delivered.
    """

    def __init__(self, url: str, key: SigningKey, seed: int = 1) -> None:
        self._url, self._key = url, key
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._random = random.Random(seed)  # noqa: S311 - misfortune, not a secret

    def note(self, mail_id: str, to: str) -> None:
        """A mail was taken; say later what became of it."""
        fate = to.partition("+")[2].partition("@")[0]
        for event in [an_event("processed", mail_id, email=to), *_fate(fate, mail_id, to)]:
            self._events.put(event)

    def run(self, stop: threading.Event) -> None:
        """Post a batch twice a second; keep what is not answered with 2xx for the next."""
        kept: list[dict[str, Any]] = []
        while not stop.wait(0.5):
            while not self._events.empty() and len(kept) < LARGEST_BATCH:
                kept.append(self._events.get())
            doubled = [each for each in kept if self._random.random() < 0.1]
            batch = [*kept, *doubled]
            self._random.shuffle(batch)
            if batch and self._post(in_one_batch(batch)):
                kept = []

    def _post(self, body: bytes) -> bool:
        request = urllib.request.Request(  # noqa: S310 - an address of the test's own
            self._url, data=body, headers=self._key.headers(body), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return bool(200 <= answer.status < 300)
        except (URLError, OSError):
            return False


def _fate(fate: str, mail_id: str, to: str) -> list[dict[str, Any]]:
    delivered = an_event("delivered", mail_id, email=to)
    match fate:
        case "bounce":
            return [an_event("bounce", mail_id, email=to)]
        case "blocked":
            reason = "550 5.7.1 not now"
            return [an_event("bounce", mail_id, email=to, type="blocked", reason=reason)]
        case "dropped":
            return [an_event("dropped", mail_id, email=to)]
        case "spam":
            return [delivered, an_event("spamreport", mail_id, email=to)]
        case "unsubscribe":
            return [delivered, an_event("unsubscribe", mail_id, email=to)]
        case _:
            return [delivered]
