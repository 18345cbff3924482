"""One client of the torture: a process that does anything to five sessions, over HTTP.

`python -m tests.soak.client PORT SECONDS SEED FILE SESSION…`, with the staff token in
SOAK_TOKEN and the site's settings in the environment, for the links that members get by mail.
Each answer to a sign-up is a line in the file.
"""

import json
import os
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import requests

from services.chassis.config import read_settings
from services.chassis.links import Links

PEOPLE = 40
OPERATIONS = {"sign_up": 10, "repeat": 1, "cancel": 4, "member": 4, "capacity": 1}
_CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')


class Client:
    """Signs people up, lets them answer offers, cancels and changes numbers of seats."""

    def __init__(self, port: int, seed: int, file: Path, sessions: list[str]) -> None:
        self._url = f"http://127.0.0.1:{port}"
        self._random = random.Random(seed)  # noqa: S311 - what happens is no secret
        self._name, self._count, self._sessions = f"c{seed}", 0, sessions
        self._file = file.open("a", encoding="utf-8", buffering=1)
        self._links = Links(read_settings())
        self._staff = requests.Session()
        self._staff.headers["Authorization"] = f"Bearer {os.environ['SOAK_TOKEN']}"
        self._last: tuple[str, dict[str, Any], str] | None = None
        self.statuses: Counter[int] = Counter()

    def run(self, seconds: float) -> None:
        names, weights = list(OPERATIONS), list(OPERATIONS.values())
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            getattr(self, f"_{self._random.choices(names, weights)[0]}")()

    def _sign_up(self) -> None:
        number = self._random.randrange(PEOPLE)
        who = {
            "name": f"Member {number}",
            "email": f"member.{number}@example.org",
            "organisation": "1",
            "not_listed": True,
            "language": "fr" if number % 2 else "en",
            "auto_confirm": number % 3 == 0,
        }
        self._count += 1
        self._last = self._random.choice(self._sessions), who, f"{self._name}-{self._count}"
        self._ask(*self._last)

    def _repeat(self) -> None:
        """The same request once more, as a browser sends it that got no answer."""
        if self._last:
            self._ask(*self._last)

    def _ask(self, session: str, who: dict[str, Any], key: str) -> None:
        path = f"/api/v1/sessions/{session}/registrations"
        answer = self._call("POST", path, json=who, headers={"Idempotency-Key": key})
        told = {"session": session, "email": who["email"], "key": key, **answer.json()}
        self._file.write(json.dumps({"http": answer.status_code, **told}) + "\n")

    def _cancel(self) -> None:
        if place := self._place("confirmed", "waiting"):
            self._call("POST", f"/api/v1/registrations/{place['id']}/cancel", json=_WHY)

    def _member(self) -> None:
        """Somebody follows the link from their mail, and accepts, declines or cancels there."""
        place = self._place("offered") or self._place("confirmed")
        if place is None:
            return
        browser = requests.Session()
        page = browser.get(self._links.manage(UUID(place["id"]), 1), timeout=30)
        self.statuses[page.status_code] += 1
        token = _CSRF.search(page.text)
        actions = ["accept", "accept", "decline"] if place["status"] == "offered" else ["cancel"]
        if token:
            path = f"{self._url}/my/{place['id']}/{self._random.choice(actions)}"
            done = browser.post(path, data={"csrf_token": token[1]}, timeout=30)
            self.statuses[done.status_code] += 1

    def _capacity(self) -> None:
        seats = self._random.randrange(3, 12)
        session = self._random.choice(self._sessions)
        self._call("PATCH", f"/api/v1/sessions/{session}", json={"capacity": seats, **_WHY})

    def _place(self, *states: str) -> dict[str, Any] | None:
        session = self._random.choice(self._sessions)
        answer = self._call("GET", f"/api/v1/sessions/{session}/registrations")
        rows = answer.json() if answer.ok else []
        found = [each for each in rows if each["status"] in states]
        return self._random.choice(found) if found else None

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:
        answer = self._staff.request(method, self._url + path, timeout=30, **more)
        self.statuses[answer.status_code] += 1
        return answer


_WHY = {"reason": "torture"}


def main() -> None:
    port, seconds, seed, file, *sessions = sys.argv[1:]
    client = Client(int(port), int(seed), Path(file), sessions)
    client.run(float(seconds))
    sys.stdout.write(json.dumps(client.statuses))


if __name__ == "__main__":
    main()
