"""The promises, on the whole product: none oversold, nothing lost, the truth told once."""

import re
import signal
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.brokers import a_broker
from tests.facts import eventually
from tests.system.launcher import commands_of
from tests.system.members import Site, a_site

PEOPLE, SEATS = 60, 10


@pytest.fixture
def site(tmp_path: Path, databases: dict[str, str]) -> Iterator[Site]:
    with a_site(tmp_path / "data", **databases) as site:
        yield site


def everybody_was_told_the_truth_once(site: Site, session_id: str, count: int) -> None:
    """Each message says what the database says, and nobody has two."""
    status, rows = site.call("GET", f"/api/v1/sessions/{session_id}/registrations")
    assert status == 200
    messages = site.mail()
    assert Counter(str(each["To"].addresses[0].addr_spec) for each in messages) == Counter(
        row["email"] for row in rows
    )
    assert len(messages) == count
    by_address = {each["To"].addresses[0].addr_spec: each for each in messages}
    for row in rows:
        text = by_address[row["email"]].get_body(("plain",)).get_content()
        assert told(text) == (row["status"], row["place"]), text


def told(text: str) -> tuple[str, int | None]:
    """The state and place that a message tells of."""
    place = re.search(r"waiting list, as number (\d+)|liste d’attente, au (\d+)e?r? rang", text)
    if place:
        return "waiting", int(next(each for each in place.groups() if each))
    assert re.search(r"Your place is confirmed|Votre place est confirmée", text), text
    return "confirmed", None


def test_sixty_at_once_for_ten_seats(site: Site) -> None:
    session_id = site.publish_session(SEATS)
    answers = site.crowd(session_id, PEOPLE)
    assert Counter(each["status"] for each in answers) == {"confirmed": 10, "waitlisted": 50}
    assert sorted(each["place"] for each in answers if each["place"]) == list(range(1, 51))
    eventually(lambda: everybody_was_told_the_truth_once(site, session_id, PEOPLE), within=30)


def test_sign_ups_go_on_while_the_broker_is_away_and_mail_follows(tmp_path: Path) -> None:
    with (
        a_broker(tmp_path) as broker,
        a_site(tmp_path / "data", TURNOUT_REDIS_URL=broker.url) as site,
    ):
        session_id = site.publish_session(SEATS)
        broker.stop()
        site.crowd(session_id, PEOPLE)
        assert site.mail() == []
        broker.start()
        eventually(lambda: everybody_was_told_the_truth_once(site, session_id, PEOPLE), within=30)


def test_the_roster_reaches_the_facilitator_by_itself(tmp_path: Path) -> None:
    with a_site(tmp_path / "data") as site:
        session_id = site.publish_session(SEATS, days_ahead=2)

        def arrived() -> EmailMessage:
            found = [each for each in site.mail() if "robin@example.org" in str(each["To"])]
            assert found
            return found[0]

        site.crowd(session_id, 3)
        message = eventually(arrived, within=60)
        [roster] = message.iter_attachments()
        assert roster.get_content_type() == "application/pdf"
        assert roster.get_content().startswith(b"%PDF-")
        assert "/roster/" in message.get_body(("plain",)).get_content()


def test_workers_killed_in_the_middle_lose_and_double_nothing(tmp_path: Path) -> None:
    with a_site(tmp_path / "data") as site:
        session_id = site.publish_session(SEATS)
        site.crowd(session_id, PEOPLE)
        for each, command in commands_of(site.launched.data):
            if "worker" in command:
                each.send_signal(signal.SIGKILL)
        eventually(lambda: everybody_was_told_the_truth_once(site, session_id, PEOPLE), within=60)
