"""The load: members sign up at a steady rate, a few cancel; every answer is written down.

A process of its own, as far from the product as a member's browser:
`python -m tests.faults.load PORT SESSION FILE --name f3 --rate 20 --seconds 5`, with the staff
token for cancels in LOAD_TOKEN. Each sign-up has a key of its own and is tried with it until it
is answered, as a patient member would who presses the button again.
"""

import argparse
import json
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import uuid4

THREADS = 64
ANSWER_SECONDS = 120
"""Long enough for a machine that has much else to do: no answer means that there is none."""
PAUSE_SECONDS = 0.25
PATIENCE_SECONDS = 120
CANCELS_EVERY = 20
CANCEL_AFTER_SECONDS = 1.0
DECIDED = range(200, 500)
"""An answer that trying again would not change; 0 stands for none, 5xx for "not now"."""


@dataclass
class Tried:
    """One request as often as it was tried: each try's status and how long it took."""

    statuses: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    answer: dict[str, Any] = field(default_factory=dict)
    at: float = 0


class Load:
    """Signs members up for one session and keeps the file of answers."""

    def __init__(
        self, port: int, session: str, file: Path, *, name: str, cancels_every: int
    ) -> None:
        self._port, self._session, self._name = port, session, name
        self._cancels_every = cancels_every
        self._file = file.open("a", encoding="utf-8", buffering=1)
        self._writing = threading.Lock()

    def run(self, rate: float, seconds: float) -> None:
        """Begin each sign-up at its own moment, however long the others take."""
        began = time.monotonic()
        with ThreadPoolExecutor(THREADS) as pool:
            for number in range(round(rate * seconds)):
                time.sleep(max(0, began + number / rate - time.monotonic()))
                pool.submit(self._member, number)

    def _member(self, number: int) -> None:
        email = f"{self._name}.{number}@example.org"
        who = a_member(number, email)
        key = str(uuid4())
        path = f"/api/v1/sessions/{self._session}/registrations"
        tried = self._try(path, who, {"Idempotency-Key": key})
        self._write("sign_up", tried, email=email, key=key, registration=tried.answer.get("id"))
        changes_mind = self._cancels_every and number % self._cancels_every == 0
        if changes_mind and "id" in tried.answer:
            time.sleep(CANCEL_AFTER_SECONDS)
            self._cancel(tried.answer["id"])

    def _cancel(self, registration: str) -> None:
        token = {"Authorization": f"Bearer {os.environ['LOAD_TOKEN']}"}
        path = f"/api/v1/registrations/{registration}/cancel"
        tried = self._try(path, {"reason": "changed their mind"}, token)
        self._write("cancel", tried, registration=registration)

    def _try(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Tried:
        tried, give_up_at = Tried(), time.monotonic() + PATIENCE_SECONDS
        while True:
            began = time.monotonic()
            status, tried.answer = self._post(path, body, headers)
            tried.at = time.time()
            tried.statuses.append(status)
            tried.milliseconds.append(round((time.monotonic() - began) * 1000, 1))
            if status in DECIDED or time.monotonic() > give_up_at:
                return tried
            time.sleep(PAUSE_SECONDS)

    def _post(
        self, path: str, body: dict[str, Any], headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Status and answer; no answer at all is 0."""
        connection = HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            content = {"Content-Type": "application/json"} | headers
            connection.request("POST", path, json.dumps(body), content)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, HTTPException, ValueError):
            return 0, {}
        finally:
            connection.close()

    def _write(self, what: str, tried: Tried, **more: Any) -> None:
        line = {
            "what": what,
            "session": self._session,
            "status": tried.statuses[-1],
            "state": tried.answer.get("status"),
            "place": tried.answer.get("place"),
            "statuses": tried.statuses,
            "milliseconds": tried.milliseconds,
            "at": tried.at,
            **more,
        }
        with self._writing:
            self._file.write(f"{json.dumps(line)}\n")


def a_member(number: int, email: str) -> dict[str, Any]:
    """What somebody fills in; half of them are French."""
    return {
        "name": f"Member {number}",
        "email": email,
        "organisation": "1",
        "not_listed": True,
        "language": "fr" if number % 2 else "en",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("session")
    parser.add_argument("file", type=Path)
    parser.add_argument("--name", required=True)
    parser.add_argument("--rate", type=float, default=20)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--cancels-every", type=int, default=CANCELS_EVERY, help="0 for none")
    given = parser.parse_args()
    cancels = {"name": given.name, "cancels_every": given.cancels_every}
    Load(given.port, given.session, given.file, **cancels).run(given.rate, given.seconds)


if __name__ == "__main__":
    main()
