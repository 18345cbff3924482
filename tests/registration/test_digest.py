"""The daily digest: one mail of what changed, to each who wants it, nothing twice and none lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember
from services.contracts.registrations import DIGEST_DUE
from services.registration import due
from services.registration.models import StaffTask
from services.registration.places import give_up
from services.registration.staff_actions import cancel_by_staff, move_by_staff
from tests.pages import sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import a_session, facts, signed_up, tell_of

TORONTO = ZoneInfo("America/Toronto")
HOUR = timedelta(hours=1)


def at(written: str) -> datetime:
    """A moment on the clocks of Toronto; 2 March 2026 is a Monday."""
    return datetime.fromisoformat(written).replace(tzinfo=TORONTO).astimezone(UTC)


MONDAY, TUESDAY = at("2026-03-02T10:00"), at("2026-03-03T08:01")


def run(runtime: Runtime, now: datetime) -> None:
    while due.run_digests(runtime, now):
        pass


def digests(runtime: Runtime, name: str = "Coordinator") -> list[dict[str, Any]]:
    """What one member of staff was told, in order."""
    query = sa.select(OutboxRow).where(OutboxRow.type == DIGEST_DUE.type)
    with runtime.database.reading() as db:
        rows = db.scalars(query.order_by(OutboxRow.event_id)).all()
    found = [DIGEST_DUE.load(row.envelope["data"]) for row in rows]
    return [each for each in found if each["recipient"]["name"] == name]


def test_each_coordinator_and_admin_is_told_once_what_changed(runtime: Runtime) -> None:
    first, second = a_session(runtime, capacity=1), a_session(runtime, capacity=5)
    seated, waiting = (signed_up(runtime, first, name, now=MONDAY) for name in ("One", "Two"))
    other = signed_up(runtime, second, "Three", now=MONDAY)
    with runtime.database.writing() as db:
        give_up(db, seated.registration.id, now=MONDAY + timedelta(hours=1))
        why = {"actor": "Admin", "reason": "ill", "now": MONDAY + timedelta(hours=2)}
        cancel_by_staff(db, other.registration.id, **why)
    run(runtime, TUESDAY)
    run(runtime, TUESDAY + timedelta(hours=1))
    for name in ("Coordinator", "Admin"):
        (digest,) = digests(runtime, name)
        lines = {each["session_id"]: each for each in digest["sessions"]}
        assert lines[first]["changes"] == {"signed_up": 2, "offered": 1, "cancelled": 1}
        assert lines[second]["changes"] == {"signed_up": 1, "cancelled": 1}
        counts = [lines[first][each] for each in ("confirmed", "offered", "waiting")]
        assert counts == [0, 1, 0]
        assert digest["until"] == at("2026-03-03T08:00")
        assert digest["since"] == at("2026-03-02T08:00")
    assert digests(runtime, "Facilitator") == []
    assert waiting.place == 1


def test_a_move_and_a_change_of_the_session_are_told_where_they_happened(runtime: Runtime) -> None:
    session = facts(capacity=2)
    origin, target = tell_of(runtime, session), a_session(runtime)
    answer = signed_up(runtime, origin, "One", now=MONDAY)
    with runtime.database.writing() as db:
        why = {"actor": "Admin", "reason": "asked", "now": MONDAY}
        move_by_staff(db, answer.registration.id, target, **why)
    tell_of(runtime, session | {"room": "Room 9", "capacity": 3}, sequence=2, now=MONDAY)
    run(runtime, TUESDAY)
    (digest,) = digests(runtime)
    changes = {each["session_id"]: each["changes"] for each in digest["sessions"]}
    told = {"signed_up": 1, "moved_away": 1, "rescheduled": 1, "capacity_changed": 1}
    assert changes == {origin: told, target: {"moved_here": 1}}


def test_no_news_no_mail_and_what_follows_is_told_from_there(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=5)
    run(runtime, TUESDAY)
    assert digests(runtime) == []
    signed_up(runtime, session_id, "One", now=at("2026-03-03T08:00:01"))
    run(runtime, TUESDAY + timedelta(hours=1))
    assert digests(runtime) == []
    run(runtime, at("2026-03-04T08:01"))
    (digest,) = digests(runtime)
    assert digest["since"] == at("2026-03-03T08:00")


def test_nothing_is_told_twice_and_nothing_missed_over_a_week(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=200)
    for hour in range(0, 7 * 24, 5):
        name = f"Member {hour}"
        signed_up(runtime, session_id, name, now=at("2026-03-02T08:00:00.1") + hour * HOUR)
    for hour in range(8 * 24):
        run(runtime, at("2026-03-02T08:02") + hour * HOUR)
    told = [each["sessions"][0]["changes"]["signed_up"] for each in digests(runtime)]
    assert sum(told) == len(range(0, 7 * 24, 5))
    ends = [(each["since"], each["until"]) for each in digests(runtime)]
    assert all(until == since for (_, until), (since, _) in pairwise(ends))
    assert [until.astimezone(TORONTO).weekday() for _, until in ends] == [1, 2, 3, 4, 0]


def test_a_clock_that_stood_still_tells_it_the_next_working_day(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=5)
    run(runtime, TUESDAY)
    signed_up(runtime, session_id, "One", now=at("2026-03-05T12:00"))
    run(runtime, at("2026-03-06T19:00"))  # Out of hours.
    run(runtime, at("2026-03-07T10:00"))  # A Saturday.
    assert digests(runtime) == []
    run(runtime, at("2026-03-09T09:30"))
    (digest,) = digests(runtime)
    assert digest["sessions"][0]["changes"] == {"signed_up": 1}
    assert digest["until"] == at("2026-03-09T08:00")


def test_open_tasks_are_counted_and_the_language_is_the_staff_members_own(
    runtime: Runtime,
) -> None:
    session_id = a_session(runtime)
    signed_up(runtime, session_id, "One", now=MONDAY)
    with runtime.database.writing() as db:
        db.execute(sa.update(StaffMember).values(language="fr"))
        for done_at in (None, None, MONDAY):
            task = {"kind": "mail_bounced", "session_id": session_id, "created_at": MONDAY}
            db.add(StaffTask(**task, done_at=done_at))
    run(runtime, TUESDAY)
    (digest,) = digests(runtime)
    assert digest["open_tasks"] == 2
    assert digest["recipient"]["language"] == "fr"


def test_who_has_left_is_told_nothing(runtime: Runtime) -> None:
    signed_up(runtime, a_session(runtime), "One", now=MONDAY)
    with runtime.database.writing() as db:
        left = sa.update(StaffMember).where(StaffMember.name == "Coordinator")
        db.execute(left.values(active=False))
    run(runtime, TUESDAY)
    assert digests(runtime) == []
    assert len(digests(runtime, "Admin")) == 1


@pytest.fixture
def on_tuesday() -> Iterator[None]:
    with time_machine.travel(at("2026-03-03T07:30"), tick=False):
        yield


@pytest.fixture
def coordinator(on_tuesday: None, client: FlaskClient) -> FlaskClient:
    sign_in(client, "coordinator@example.org", PASSWORD)
    return client


def a_news(runtime: Runtime) -> UUID:
    session_id = a_session(runtime, capacity=1)
    for name in ("One", "Two"):
        signed_up(runtime, session_id, name, now=MONDAY)
    return session_id


def test_its_page_shows_what_the_next_one_will_hold(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    assert "Nothing has changed" in visit(coordinator, "/staff/digest").text
    session_id = a_news(runtime)
    assert "/staff/digest" in visit(coordinator, "/staff/").links
    page = visit(coordinator, "/staff/digest")
    assert "due on Tuesday 3 March 2026 at 8:00" in page.text
    assert "since Monday 2 March 2026 at 8:00" in page.text
    assert "2 sign-ups" in page.text
    assert "1 / 1" in page.text
    assert f"/staff/sessions/{session_id}" in page.links
    french = visit(coordinator, "/staff/digest?lang=fr").text
    assert "2 inscriptions" in french
    assert "sign-ups" not in french


def test_who_stops_it_gets_none_and_who_takes_it_up_again_gets_no_old_news(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_news(runtime)
    page = submit(coordinator, visit(coordinator, "/staff/digest"), "/digest")
    assert "You get no digest." in page.text
    run(runtime, TUESDAY)
    assert digests(runtime) == []
    assert len(digests(runtime, "Admin")) == 1
    with time_machine.travel(at("2026-03-06T12:00"), tick=False):
        sign_in(coordinator, "coordinator@example.org", PASSWORD)
        page = submit(coordinator, visit(coordinator, "/staff/digest"), "/digest")
    assert "You get the digest." in page.text
    signed_up(runtime, session_id, "Three", now=at("2026-03-06T12:30"))
    run(runtime, at("2026-03-09T08:01"))
    (digest,) = digests(runtime)
    assert digest["since"] == at("2026-03-06T08:00")
    assert digest["sessions"][0]["changes"] == {"signed_up": 1}


def test_facilitators_have_no_digest(
    runtime: Runtime, on_tuesday: None, client: FlaskClient
) -> None:
    sign_in(client, "facilitator@example.org", PASSWORD)
    assert client.get("/staff/digest").status_code == 403
    assert "/staff/digest" not in visit(client, "/staff/").links
