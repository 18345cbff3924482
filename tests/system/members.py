"""A running site with a published session, members who sign up over HTTP, and their mail."""

import email
import email.policy
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.facts import eventually
from tests.faults.load import a_member
from tests.system.launcher import Launched, end, environment, launch, turnout

CROWD = 16


@dataclass
class Site:
    """A site as its members and its staff reach it."""

    launched: Launched
    token: str

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One request to the JSON API, as staff."""
        connection = HTTPConnection("127.0.0.1", self.launched.port, timeout=30)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        status, text = answer.status, answer.read()
        connection.close()
        return status, json.loads(text)

    def publish_session(self, capacity: int, *, days_ahead: int = 40) -> str:
        """A new session's id, once registration knows of it too."""
        day = (datetime.now(UTC) + timedelta(days=days_ahead)).date().isoformat()
        status, workshop = self.call("POST", "/api/v1/workshops", WORDS)
        assert status == 201, workshop
        wanted = a_session_on(day, workshop["id"], capacity)
        status, session = self.call("POST", "/api/v1/sessions", wanted)
        assert status == 201, session
        status, answer = self.call("POST", f"/api/v1/sessions/{session['id']}/publish", {})
        assert status == 200, answer
        eventually(lambda: self.knows(f"/api/v1/sessions/{session['id']}/registrations"), within=15)
        return str(session["id"])

    def knows(self, path: str) -> None:
        """Whether what one service has made has reached the other."""
        status, answer = self.call("GET", path)
        assert status == 200, answer

    def sign_up(self, session_id: str, number: int) -> tuple[int, Any]:
        """Somebody signs up."""
        who = a_member(number, f"member.{number}@example.org")
        return self.call("POST", f"/api/v1/sessions/{session_id}/registrations", who)

    def crowd(self, session_id: str, count: int) -> list[dict[str, Any]]:
        """Many sign up at once; every one must be answered with 201."""
        with ThreadPoolExecutor(CROWD) as pool:
            answers = list(pool.map(lambda number: self.sign_up(session_id, number), range(count)))
        assert [status for status, _ in answers] == [201] * count, answers
        return [answer for _, answer in answers]

    def mail(self) -> list[EmailMessage]:
        """Every message in the mail folder."""
        folder = self.launched.data / "mail"
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in folder.glob("*.eml")
        ]


FACILITATOR = {"name": "Robin Lake", "email": "robin@example.org", "language": "en"}
WORDS = {"title_en": "Grievance Handling", "title_fr": "Traitement des griefs"}


def a_session_on(day: str, workshop_id: str, capacity: int) -> dict[str, Any]:
    """What staff send to have a session drafted."""
    return {
        "workshop_id": workshop_id,
        "days": [{"date": day, "starts": "09:00", "ends": "16:00"}],
        "venue": "Union Hall",
        "city": "Sudbury",
        "province": "ON",
        "language": "en",
        "online": False,
        "capacity": capacity,
        "fee_affiliate": "25.00",
        "fee_other": "30.00",
        "facilitators": [FACILITATOR],
    }


@contextmanager
def a_site(data: Path, **settings: str) -> Iterator[Site]:
    """A site without the demonstration, stopped at the end."""
    launched = launch(data, "--no-demo", **{"TURNOUT_SIGN_UP_LIMIT": "off"} | settings)
    try:
        env = environment(data, launched.port, **settings)
        made = turnout("token", "admin@example.org", env=env)
        assert made.returncode == 0, made.stderr
        site = Site(launched, made.stdout.strip().splitlines()[-1])
        eventually(lambda: site.knows("/api/v1/workshops"), within=15)
        yield site
    finally:
        end(launched)
