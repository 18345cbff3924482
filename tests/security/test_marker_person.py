"""Somebody whom nobody else is called like goes all the way through: where are they found after?"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest

from infra.first_accounts import read_accounts
from tests.brokers import Broker, a_broker
from tests.facts import eventually
from tests.security.live import Overheard, Visitor, listening
from tests.system.members import Site, a_site

MARKS = re.compile(r"zzyzx|4165550142|416.555.0142|%40marker", re.IGNORECASE)
ADDRESS = "zzyzx@marker.example.org"
QUEUES = {"catalog", "registration", "notify"}
TAKEN = {"worker.unacked"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with a_broker(tmp_path) as broker:
        yield broker


@contextmanager
def staff_of(site: Site) -> Iterator[Visitor]:
    (account,) = read_accounts(site.launched.data)
    visitor = Visitor(site.launched.url)
    page = visitor.visit("/staff/sign-in")
    page = visitor.submit(page, "/sign-in", email=account.email, password=account.password)
    assert "Sessions" in page.text
    with visitor.session:
        yield visitor


def signed_up_by_form(site: Site, session_id: str) -> None:
    member = Visitor(site.launched.url)
    page = member.visit(f"/sign-up/{session_id}")
    typed = {
        "name": "Zzyzx Marker",
        "email": ADDRESS,
        "organisation": "Zzyzx Local",
        "not_listed": "yes",
        "phone": "416 555-0142",
        "phone_on_roster": "yes",
        "needs": "Zzyzx ramp",
        "role": "Zzyzx steward",
        "language": "en",
    }
    answer = member.submit(page, session_id, **typed)
    assert "waiting list" in answer.text
    with member.session:
        assert not [each for each in member.addresses if MARKS.search(each)]


def letter_about(site: Site, words: str) -> EmailMessage:
    """The newest mail to the marker person that has these words."""

    def found() -> EmailMessage:
        letters = [each for each in site.mail() if ADDRESS in str(each["To"])]
        fit = [each for each in letters if words in each.get_body(("plain",)).get_content()]
        assert fit, [each["Subject"] for each in letters]
        return fit[-1]

    return eventually(found, within=60)


def accepted_by_link(site: Site) -> None:
    text = letter_about(site, "seat").get_body(("plain",)).get_content()
    link = re.search(r"http://\S+/my/\S+", text)
    assert link
    member = Visitor(site.launched.url)
    answer = member.submit(member.visit(link[0]), "/accept")
    assert "confirmed" in answer.text
    with member.session:
        assert not [each for each in member.addresses if MARKS.search(each)]


def staff_look_at_everything(site: Site, session_id: str, place: str) -> None:
    with staff_of(site) as staff:
        for path in (
            f"/staff/sessions/{session_id}",
            *(f"/staff/sessions/{session_id}/roster.{form}" for form in ("csv", "xlsx", "pdf")),
            f"/staff/sessions/{session_id}/planned",
            f"/staff/sessions/{session_id}/recipients",
            "/staff/tasks",
            "/staff/audit/registration/",
            "/staff/audit/notify/",
            "/staff/mail",
        ):
            staff.visit(path)
        person = staff.visit(f"/staff/registrations/{place}")
        assert "Zzyzx ramp" in person.text
        found = staff.submit(person, "/staff/mail/log")
        assert "Zzyzx Marker" in found.text
        message = next(
            each for each in found.links if re.fullmatch(r"/staff/mail/[0-9a-f-]+", each)
        )
        staff.visit(message)
        staff.submit(person, "/act", action="note", reason="Zzyzx was asked to call back")
        addresses = staff.addresses
    assert not [each for each in addresses if MARKS.search(each)]


def trouble(site: Site, session_id: str) -> None:
    """What goes wrong must not tell either: refused forms, unknown addresses, nonsense."""
    member = Visitor(site.launched.url)
    page = member.visit(f"/sign-up/{session_id}")
    refused = member.submit(page, session_id, name="Zzyzx" * 60, email="zzyzx@@marker")
    assert refused.response.status_code == 422
    for path in ("/my/zzyzx-no-such-link", "/staff/mail/log?q=zzyzx", f"/sign-up/{uuid4()}?zzyzx"):
        member.visit(path)
    member.session.close()
    status, _answer = site.call(
        "POST", f"/api/v1/sessions/{session_id}/registrations", {"x": ADDRESS}
    )
    assert status == 422


def lines_of_the_logs(site: Site) -> list[str]:
    return [
        f"{path.name}: {line}"
        for path in (site.launched.data / "log").iterdir()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    ]


def in_the_logs(site: Site) -> list[str]:
    return [line for line in lines_of_the_logs(site) if MARKS.search(line)]


def in_what_machines_ask(site: Site) -> list[str]:
    visitor = Visitor(site.launched.url)
    paths = ("/healthz", "/readyz", "/metrics", *(f"/health/{name}" for name in QUEUES))
    with visitor.session:
        return [path for path in paths if MARKS.search(visitor.visit(path).response.text)]


def outside_the_queues(heard: Overheard, broker: Broker) -> list[str]:
    """Commands with the marker person that are not about a service's own queue, and other keys."""
    own = re.compile(rf"\w+ ({'|'.join(sorted(QUEUES | TAKEN))})\b")
    strays = [each[:80] for each in heard.carrying(MARKS) if not own.match(each)]
    left = [key.decode() for key in broker.client.scan_iter()]
    return strays + [key for key in left if MARKS.search(key)]


def test_the_marker_person_is_found_where_they_belong_and_nowhere_else(
    tmp_path: Path, broker: Broker
) -> None:
    data = tmp_path / "data"
    with a_site(data, TURNOUT_REDIS_URL=broker.url) as site, listening(broker.client) as heard:
        session_id = site.publish_session(1)
        _status, first = site.sign_up(session_id, 1)
        assert first["status"] == "confirmed"
        signed_up_by_form(site, session_id)
        letter_about(site, "waiting list")
        _status, rows = site.call("GET", f"/api/v1/sessions/{session_id}/registrations")
        (place,) = [each["id"] for each in rows if each["email"] == ADDRESS]
        (other,) = [each["id"] for each in rows if each["email"] != ADDRESS]
        status, _answer = site.call(
            "POST", f"/api/v1/registrations/{other}/cancel", {"reason": "Cannot come"}
        )
        assert status == 200
        accepted_by_link(site)
        letter_about(site, "Your place is confirmed")
        staff_look_at_everything(site, session_id, place)
        trouble(site, session_id)
        assert heard.carrying(MARKS), "the listener heard nothing, and proves nothing"
        assert len(lines_of_the_logs(site)) > 20, "there are no logs to look into"
        assert in_the_logs(site) == []
        assert in_what_machines_ask(site) == []
        assert outside_the_queues(heard, broker) == []
