"""What goes out when: reminders and rosters at their time, once, and in step with the session."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from services.chassis.service import Runtime
from services.registration import due
from services.registration.places import give_up
from services.registration.planned_mail import planned_of
from services.registration.planned_sending import send_reminders
from services.registration.sending_models import PlannedMail
from tests.registration.factories import (
    NOW,
    a_session,
    facts,
    signed_up,
    tell_of,
    told,
)

TORONTO = ZoneInfo("America/Toronto")
REMINDER, ROSTER = "reminder.due.v1", "roster.due.v2"


def at(written: str) -> datetime:
    """A moment on the clocks of Toronto. The sessions are on Wednesday 1 April 2026."""
    return datetime.fromisoformat(written).replace(tzinfo=TORONTO).astimezone(UTC)


def run(runtime: Runtime, now: datetime) -> None:
    while due.run_planned_mail(runtime, now):
        pass


def plan_of(runtime: Runtime, session_id: UUID) -> dict[str, PlannedMail]:
    with runtime.database.reading() as db:
        return {each.occasion: each for each in planned_of(db, session_id)}


def moments_of(runtime: Runtime, session_id: UUID) -> dict[str, datetime]:
    return {name: row.due_at for name, row in plan_of(runtime, session_id).items()}


def outcomes_of(runtime: Runtime, session_id: UUID) -> dict[str, str]:
    return {name: row.outcome for name, row in plan_of(runtime, session_id).items()}


def occasions(runtime: Runtime) -> list[str]:
    """The words of the rosters that went to the host, in order."""
    query = sa.text("SELECT envelope FROM outbox WHERE type = :type ORDER BY event_id")
    query = query.columns(envelope=sa.JSON)
    with runtime.database.reading() as db:
        sent = [row["data"] for row in db.scalars(query, {"type": ROSTER})]
    return [each["occasion"] for each in sent if each["recipient"]["email"] == "host@example.org"]


def moved_to(session: dict[str, Any], day: date, **but: Any) -> dict[str, Any]:
    closes = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
    return session | {"days": [{**session["days"][0], "date": day}], "closes_at": closes} | but


def test_a_session_has_its_plan_as_soon_as_it_is_published(runtime: Runtime) -> None:
    session_id = a_session(runtime, closes_at=at("2026-03-20T12:00"))
    assert moments_of(runtime, session_id) == {
        "after_close": at("2026-03-20T12:00"),
        "three_days": at("2026-03-27T09:00"),
        "reminder": at("2026-03-29T09:00"),
        "day_before": at("2026-03-31T09:00"),
    }


def test_members_are_reminded_on_a_sunday_and_who_was_confirmed_later_is_not(
    runtime: Runtime,
) -> None:
    session_id = a_session(runtime, capacity=5)
    early = signed_up(runtime, session_id, "Early")
    run(runtime, at("2026-03-29T08:59"))
    assert REMINDER not in told(runtime)
    run(runtime, at("2026-03-29T09:00"))
    late = signed_up(runtime, session_id, "Late", now=at("2026-03-29T10:00"))
    run(runtime, at("2026-03-29T10:01"))
    assert told(runtime, early).count(REMINDER) == 1
    assert told(runtime, late) == ["registration.confirmed.v1"]
    assert outcomes_of(runtime, session_id)["reminder"] == "sent"


def test_a_roster_goes_out_three_days_before_and_the_day_before_only_when_it_changed(
    runtime: Runtime,
) -> None:
    changed, same = (a_session(runtime, capacity=5) for _ in range(2))
    for session_id in (changed, same):
        signed_up(runtime, session_id, "Early")
    run(runtime, at("2026-03-27T09:00"))
    assert told(runtime).count(ROSTER) == 4  # the facilitator and the host, of two sessions
    signed_up(runtime, changed, "Late", now=at("2026-03-30T12:00"))
    run(runtime, at("2026-03-31T09:00"))
    run(runtime, at("2026-03-31T09:01"))
    assert occasions(runtime) == ["three_days", "three_days", "day_before"]
    assert outcomes_of(runtime, changed)["day_before"] == "sent"
    assert outcomes_of(runtime, same)["day_before"] == "unchanged"


def test_a_roster_follows_when_registration_has_closed(runtime: Runtime) -> None:
    session_id = a_session(runtime, closes_at=at("2026-03-20T18:00"))
    signed_up(runtime, session_id, "Early")
    run(runtime, at("2026-03-20T18:30"))
    assert occasions(runtime) == []
    run(runtime, at("2026-03-23T09:00"))
    run(runtime, at("2026-03-27T09:00"))
    assert occasions(runtime) == ["after_close", "three_days"]


def test_many_are_reminded_in_batches_and_each_once(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=250)
    for number in range(205):
        signed_up(runtime, session_id, f"Member {number}")
    morning = at("2026-03-29T09:00")
    assert due.run_planned_mail(runtime, morning) >= 100
    run(runtime, morning)
    run(runtime, morning + timedelta(minutes=1))
    assert told(runtime).count(REMINDER) == 205


def test_two_clocks_at_once_send_everything_once(runtime: Runtime) -> None:
    sessions = [a_session(runtime, capacity=5) for _ in range(4)]
    for session_id in sessions:
        signed_up(runtime, session_id, "Early")
    now = at("2026-03-30T10:00")
    with ThreadPoolExecutor(2) as clocks:
        for done in [clocks.submit(run, runtime, now) for _ in range(2)]:
            done.result()
    assert told(runtime).count(REMINDER) == len(sessions)
    assert told(runtime).count(ROSTER) == 2 * len(sessions)


def test_published_the_day_before_the_roster_goes_at_once_and_nobody_is_reminded(
    runtime: Runtime,
) -> None:
    now = at("2026-03-31T13:00")
    session_id = tell_of(runtime, facts(), now=now)
    answer = signed_up(runtime, session_id, "Late", now=now)
    run(runtime, now + timedelta(minutes=1))
    run(runtime, now + timedelta(hours=2))
    assert occasions(runtime) == ["three_days"]
    assert REMINDER not in told(runtime, answer)
    assert outcomes_of(runtime, session_id) == {
        "three_days": "sent",
        "day_before": "covered",
        "reminder": "nobody",
    }


def test_a_reminder_that_is_late_waits_for_the_morning_and_a_roster_does_not(
    runtime: Runtime,
) -> None:
    session_id = a_session(runtime)
    answer = signed_up(runtime, session_id, "Early")
    run(runtime, at("2026-03-31T03:00"))
    assert REMINDER not in told(runtime, answer)
    assert occasions(runtime) == ["three_days"]
    run(runtime, at("2026-03-31T08:00"))
    assert told(runtime, answer).count(REMINDER) == 1


def test_what_comes_after_the_beginning_is_not_sent_but_noted(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    signed_up(runtime, session_id, "Early")
    run(runtime, at("2026-04-01T09:00"))
    assert {REMINDER, ROSTER}.isdisjoint(told(runtime))
    assert set(outcomes_of(runtime, session_id).values()) == {"too_late"}


def test_a_session_that_is_put_off_has_its_reminder_and_rosters_again(runtime: Runtime) -> None:
    session = facts(capacity=5)
    session_id = tell_of(runtime, session)
    early = signed_up(runtime, session_id, "Early")
    now = at("2026-03-31T10:00")
    run(runtime, now)
    assert told(runtime, early).count(REMINDER) == 1
    tell_of(runtime, moved_to(session, date(2026, 5, 6)), sequence=2, now=now)
    assert due.run_planned_mail(runtime, now) == 0
    run(runtime, at("2026-05-01T09:00"))
    run(runtime, at("2026-05-03T10:00"))
    assert told(runtime, early).count(REMINDER) == 2
    assert occasions(runtime) == ["three_days", "three_days"]


def test_a_change_that_moves_nothing_sends_nothing_again(runtime: Runtime) -> None:
    session = facts(capacity=5)
    answer = signed_up(runtime, tell_of(runtime, session), "Early")
    now = at("2026-03-29T10:00")
    run(runtime, now)
    tell_of(runtime, session | {"room": "Room 9"}, sequence=2, now=now)
    run(runtime, now + timedelta(hours=1))
    assert told(runtime, answer).count(REMINDER) == 1
    assert occasions(runtime) == ["three_days"]


def test_the_plan_follows_the_session_and_ends_with_it(runtime: Runtime) -> None:
    session = facts(closes_at=at("2026-03-20T12:00"))
    session_id = tell_of(runtime, session)
    signed_up(runtime, session_id, "Early")
    tell_of(runtime, moved_to(session, date(2026, 4, 10)), sequence=2)
    assert moments_of(runtime, session_id) == {
        "three_days": at("2026-04-07T09:00"),
        "reminder": at("2026-04-07T09:00"),
        "day_before": at("2026-04-09T09:00"),
    }
    tell_of(runtime, session | {"status": "cancelled"}, sequence=3)
    assert plan_of(runtime, session_id) == {}


def test_registration_that_is_closed_early_brings_its_roster_at_once(runtime: Runtime) -> None:
    session = facts()
    session_id = tell_of(runtime, session)
    assert "after_close" not in plan_of(runtime, session_id)
    now = at("2026-03-12T11:00")
    tell_of(runtime, session | {"closes_at": now}, sequence=2, now=now + timedelta(seconds=2))
    run(runtime, now + timedelta(seconds=20))
    assert occasions(runtime) == ["after_close"]


def test_a_roster_waits_for_somebody_to_go_to_and_goes_again_to_who_joins(
    runtime: Runtime,
) -> None:
    session = facts(facilitators=[], host=None)
    session_id = tell_of(runtime, session)
    day = at("2026-03-27T10:00")
    run(runtime, day)
    assert ROSTER not in told(runtime)
    host = {"name": "Host", "email": "host@example.org", "language": "fr"}
    tell_of(runtime, session | {"host": host}, sequence=2, now=day)
    run(runtime, day)
    tell_of(runtime, session | {"host": host, "facilitators": [host]}, sequence=3, now=day)
    run(runtime, at("2026-03-31T10:00"))
    assert occasions(runtime) == ["three_days", "day_before"]
    assert outcomes_of(runtime, session_id)["three_days"] == "sent"


def test_sessions_from_before_there_were_plans_are_planned_by_the_clock(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    planned = moments_of(runtime, session_id)
    with runtime.database.writing() as db:
        db.execute(sa.delete(PlannedMail))
    assert due.run_planned_mail(runtime, NOW) == 1
    assert due.run_planned_mail(runtime, NOW) == 0
    assert moments_of(runtime, session_id) == planned


def test_half_time_of_an_offer_at_night_is_told_in_the_morning(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=1)
    first, second = (signed_up(runtime, session_id, name) for name in ("First", "Second"))
    with runtime.database.writing() as db:
        give_up(db, first.registration.id, now=at("2026-03-04T02:00"))
    due.run_offers(runtime, at("2026-03-05T02:30"))
    due.run_offers(runtime, at("2026-03-05T07:59"))
    assert "offer.expiring.v1" not in told(runtime, second)
    due.run_offers(runtime, at("2026-03-05T08:00"))
    assert told(runtime, second).count("offer.expiring.v1") == 1


def test_a_session_that_moves_while_half_are_reminded_reminds_everybody_of_the_new_date(
    runtime: Runtime,
) -> None:
    session = facts(capacity=150)
    session_id = tell_of(runtime, session)
    for number in range(101):
        signed_up(runtime, session_id, f"Person {number}")
    with runtime.database.writing() as db:
        assert send_reminders(db, session_id, at("2026-03-29T09:00")) == 100
    moved = at("2026-03-29T09:01")
    tell_of(runtime, moved_to(session, date(2026, 4, 15)), sequence=2, now=moved)
    run(runtime, moved)
    assert told(runtime).count(REMINDER) == 100
    run(runtime, at("2026-04-12T09:00"))
    assert told(runtime).count(REMINDER) == 201


def test_a_session_from_before_there_were_plans_gets_no_late_list_when_it_is_retitled(
    runtime: Runtime,
) -> None:
    session = facts(closes_at=at("2026-03-20T12:00"))
    session_id = tell_of(runtime, session)
    with runtime.database.writing() as db:
        db.execute(sa.delete(PlannedMail))
    later = at("2026-03-25T12:00")
    run(runtime, later)
    retitled = session | {"title": {"en": "Another title", "fr": "Un autre titre"}}
    tell_of(runtime, retitled, sequence=2, now=later)
    run(runtime, later)
    assert occasions(runtime) == []
    assert "after_close" not in moments_of(runtime, session_id)
