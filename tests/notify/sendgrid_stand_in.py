"""A strict stand-in of SendGrid that can be told to misbehave, and that keeps a witness.

Also a process of its own:
`python -m tests.notify.sendgrid_stand_in --port 8025 --witness FILE --plan FILE`.
"""

import argparse
import json
import math
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.notify.sendgrid_events import Reporter, SigningKey
from tests.notify.sendgrid_rules import LARGEST_BODY, Complaint, complaints

HOST = "127.0.0.1"
PATH = "/v3/mail/send"

GOOD, TOO_MANY, TOO_MANY_UNTOLD, BROKEN = "good", "too_many", "too_many_untold", "broken"
SILENT, CUT, SLOW = "silent", "cut", "slow"
"""What can come of a valid request: taken; 429 with its reset; 429 without; 500; taken and never
answered; taken and hung up on; taken after a while."""

MOODS = (GOOD, TOO_MANY, TOO_MANY_UNTOLD, BROKEN, SILENT, CUT, SLOW)
_WHEN_TAKEN = (GOOD, SILENT, CUT, SLOW)


@dataclass
class Plan:
    """How to misbehave: `script` first, one mood for each request, then `chances` at random.

    `outages` are pairs of seconds since the start between which connections are refused. With
    `answer` every valid request gets this status, headers and body instead.
    """

    script: list[str] = field(default_factory=list)
    chances: dict[str, float] = field(default_factory=dict)
    outages: list[tuple[float, float]] = field(default_factory=list)
    reset_after: float = 1.0
    slow_seconds: float = 2.0
    silent_seconds: float = 60.0
    answer: tuple[int, dict[str, str], str] | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        unknown = {*self.script, *self.chances} - set(MOODS)
        if unknown:
            raise ValueError(f"no such moods: {sorted(unknown)}")


@dataclass(frozen=True)
class Taken:
    """A mail as the outside witness notes it at the moment of acceptance."""

    mail_id: str
    to: str
    subject: str
    at: float
    message_id: str


class SendGridStandIn:
    """The server's mind: what it has been asked, what it took, and its mood."""

    def __init__(
        self, plan: Plan | None = None, *, key: str = "the-key", witness: Path | None = None
    ) -> None:
        self.plan = plan or Plan()
        self.key = key
        self.taken: list[Taken] = []
        self.requests: list[dict[str, Any]] = []
        self.refused: list[Complaint] = []
        self.answers: Counter[str] = Counter()
        self.keeps_requests = True
        self.reporter: Reporter | None = None
        self.released = threading.Event()
        self._witness = witness
        self._lock = threading.Lock()
        self._random = random.Random(self.plan.seed)  # noqa: S311 - misfortune, not a secret

    def mood(self) -> str:
        with self._lock:
            if self.plan.script:
                return self.plan.script.pop(0)
            dice = self._random.random()
        for mood, chance in self.plan.chances.items():
            dice -= chance
            if dice < 0:
                return mood
        return GOOD

    def take(self, body: dict[str, Any]) -> list[Taken]:
        """Accept a mail: from here on the outside knows of it."""
        taken = [
            Taken(
                mail_id=str(_custom_args(body, person).get("mail_id", "")),
                to=box["email"],
                subject=person.get("subject", body.get("subject", "")),
                at=time.time(),
                message_id=uuid4().hex,
            )
            for person in body["personalizations"]
            for box in person["to"]
        ]
        with self._lock:
            self.taken += taken
            if self._witness:
                with self._witness.open("a", encoding="utf-8") as file:
                    file.writelines(f"{json.dumps(asdict(each))}\n" for each in taken)
        for each in taken:
            if self.reporter:
                self.reporter.note(each.mail_id, each.to)
        return taken

    def note(self, answer: str, body: Any = None, wrong: Sequence[Complaint] = ()) -> None:
        with self._lock:
            self.answers[answer] += 1
            self.refused += wrong
            if self.keeps_requests and body is not None:
                self.requests.append(body)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 120
    stand_in: SendGridStandIn

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        if self.path != PATH:
            self._refuse(404, [Complaint(None, "not found")])
        elif self.headers.get("Authorization") != f"Bearer {self.stand_in.key}":
            message = "The provided authorization grant is invalid, expired, or revoked"
            self._refuse(401, [Complaint(None, message)])
        elif self.headers.get_content_type() != "application/json":
            self._refuse(415, [Complaint(None, "Content-Type should be application/json.")])
        else:
            self._read(body)

    def do_GET(self) -> None:
        self._refuse(405, [Complaint(None, "method not allowed")])

    do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay quiet."""

    def _body(self) -> bytes | None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._refuse(413, [Complaint(None, "content too large")])
            return None
        body = self.rfile.read(length)
        return body if len(body) == length else None

    def _read(self, content: bytes) -> None:
        try:
            body = json.loads(content.decode())
        except ValueError:
            self._refuse(400, [Complaint(None, "Bad Request")])
            return
        if wrong := complaints(body):
            self._refuse(400, wrong, body)
        elif _is_sandbox(body):
            self.stand_in.note("sandbox", body)
            self._answer(200)
        else:
            self._behave(body)

    def _behave(self, body: dict[str, Any]) -> None:
        stand_in, plan = self.stand_in, self.stand_in.plan
        if plan.answer is not None:
            stand_in.note(str(plan.answer[0]), body)
            self._answer(*plan.answer)
            return
        mood = stand_in.mood()
        stand_in.note(mood, body)
        if mood not in _WHEN_TAKEN:
            self._turn_away(mood)
            return
        if mood == SLOW:
            stand_in.released.wait(plan.slow_seconds)
        taken = stand_in.take(body)
        if mood in (SILENT, CUT):
            if mood == SILENT:
                stand_in.released.wait(plan.silent_seconds)
            self.close_connection = True
            return
        self._answer(202, {"X-Message-Id": taken[0].message_id})

    def _turn_away(self, mood: str) -> None:
        if mood == BROKEN:
            self._answer(500, body=_errors([Complaint(None, "internal server error")]))
            return
        told = {"X-RateLimit-Limit": "600", "X-RateLimit-Remaining": "0"}
        if mood == TOO_MANY:
            told["X-RateLimit-Reset"] = str(math.ceil(time.time() + self.stand_in.plan.reset_after))
        self._answer(429, told, _errors([Complaint(None, "too many requests")]))

    def _refuse(self, status: int, wrong: list[Complaint], body: Any = None) -> None:
        self.stand_in.note(str(status), body, wrong)
        self._answer(status, body=_errors(wrong))

    def _answer(self, status: int, headers: dict[str, str] | None = None, body: str = "") -> None:
        content = body.encode()
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            f"Content-Length: {len(content)}",
        ]
        if content:
            lines.append("Content-Type: application/json")
        if self.close_connection:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self.wfile.write(head + content)  # At once: two packets would wait for each other.


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news."""


class RunningStandIn:
    """The stand-in at its port, which can be closed and opened again."""

    def __init__(self, stand_in: SendGridStandIn, port: int = 0) -> None:
        self.stand_in = stand_in
        self._handler = type("Handler", (_Handler,), {"stand_in": stand_in})
        self._server: _Server | None = None
        self.port = port
        self.open()

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"

    def open(self) -> None:
        """Listen, as after an outage."""
        server = self._server = _Server((HOST, self.port), self._handler)
        self.port = server.server_port
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Refuse connections; what was taken stays taken."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """An outage."""
        self.close()
        try:
            yield
        finally:
            self.open()

    def keep_outages(self, stop: threading.Event) -> None:
        """Be away at the times of the plan, until told to stop."""
        began = time.monotonic()
        for start, end in sorted(self.stand_in.plan.outages):
            if stop.wait(max(0.0, began + start - time.monotonic())):
                return
            with self.away():
                stop.wait(max(0.0, began + end - time.monotonic()))


@contextmanager
def sendgrid_server(stand_in: SendGridStandIn) -> Iterator[RunningStandIn]:
    """A running stand-in for the length of a test."""
    running = RunningStandIn(stand_in)
    try:
        yield running
    finally:
        stand_in.released.set()
        running.close()


def _custom_args(body: dict[str, Any], person: dict[str, Any]) -> dict[str, Any]:
    return {**body.get("custom_args", {}), **person.get("custom_args", {})}


def _is_sandbox(body: dict[str, Any]) -> bool:
    mode: dict[str, Any] = body.get("mail_settings", {}).get("sandbox_mode", {})
    return bool(mode.get("enable"))


def _errors(wrong: list[Complaint]) -> str:
    return json.dumps({"errors": [each.as_json() for each in wrong]})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="the-key", help="the API key that it accepts")
    parser.add_argument("--witness", type=Path, help="JSON lines of every mail it took")
    parser.add_argument("--plan", default="{}", help="a Plan as JSON, or the name of a file of it")
    parser.add_argument("--report-to", help="where signed Event Webhook batches go")
    parser.add_argument("--public-key", type=Path, help="writes the webhook's public key there")
    return parser.parse_args()


def main() -> None:
    """Run until SIGTERM or SIGINT; says its address, and at the end what it answered."""
    options, stop = _options(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    text = options.plan if options.plan.startswith("{") else Path(options.plan).read_text("utf-8")
    stand_in = SendGridStandIn(Plan(**json.loads(text)), key=options.key, witness=options.witness)
    stand_in.keeps_requests = False
    key = SigningKey()
    if options.public_key:
        options.public_key.write_text(key.public, encoding="ascii")
    if options.report_to:
        stand_in.reporter = Reporter(options.report_to, key)
        threading.Thread(target=stand_in.reporter.run, args=(stop,), daemon=True).start()
    running = RunningStandIn(stand_in, options.port)
    print(running.address, flush=True)  # noqa: T201 - whoever started it waits for this
    threading.Thread(target=running.keep_outages, args=(stop,), daemon=True).start()
    stop.wait()
    stand_in.released.set()
    running.close()
    print(json.dumps(dict(stand_in.answers)), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
