"""Publishing, changing and cancelling, and what the other services hear of it."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from services.catalog import commands
from services.catalog.refusals import (
    ChangedMeanwhile,
    NotChangeable,
    NotFound,
    NotPublishable,
    ReasonMissing,
)
from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.contracts import CONTRACTS
from tests.catalog.factories import (
    ACTOR,
    NOW,
    a_day,
    a_draft,
    a_session,
    events,
    reread,
    seats_event,
)


def edit(runtime: Runtime, session_id: Any, *, reason: str = "", **changes: Any) -> None:
    with runtime.database.writing() as db:
        commands.edit_session(db, session_id, changes, actor=ACTOR, now=NOW, reason=reason)


def refusals_of(runtime: Runtime, **but: Any) -> tuple[str, ...]:
    draft = a_draft(runtime, **but)
    with pytest.raises(NotPublishable) as refused, runtime.database.writing() as db:
        commands.publish_session(db, draft.id, actor=ACTOR, now=NOW)
    return refused.value.reasons


def test_a_published_session_is_told_to_registration_as_the_contract_says(
    runtime: Runtime,
) -> None:
    session = a_session(runtime, title_fr="Initiation", join_link="https://meet.example.org/a")
    [event] = events(runtime, "session.published")
    facts = CONTRACTS["session.published.v1"].load(event["data"])
    assert facts == {
        "session_id": session.id,
        "workshop_id": session.workshop_id,
        "status": "published",
        "title": {"en": "Stewarding", "fr": "Initiation"},
        "bring": {"en": "", "fr": ""},
        "prerequisites": {"en": "", "fr": ""},
        "days": [{"date": date(2026, 2, 20), "starts": time(9), "ends": time(16)}],
        "zone": "America/Toronto",
        "online": False,
        "place": "Windsor Area Office, Windsor, ON",
        "room": "",
        "join_link": "https://meet.example.org/a",
        "language": "en",
        "area": "",
        "province": "ON",
        "capacity": 20,
        "fee_affiliate_cents": 2500,
        "fee_other_cents": 3000,
        "closes_at": datetime.fromisoformat("2026-02-20T14:00:00+00:00"),
        "auto_promote": False,
        "facilitators": [{"name": "Ana Silva", "email": "ana@example.org", "language": "en"}],
        "host": {"name": "Jo Roy", "email": "jo@example.org", "language": "fr"},
        "calendar_sequence": 0,
        "actor": ACTOR,
        "reason": "",
    }
    assert event["subject"] == str(session.id)
    assert event["sequence"] == in_milliseconds(NOW)


def in_milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@pytest.mark.parametrize(
    ("but", "reasons"),
    [
        ({"title_en": ""}, ("no_title",)),
        ({"title_en": "x" * 201}, ("long_title",)),
        ({"days": []}, ("no_days",)),
        ({"days": [a_day("2026-01-04")]}, ("past",)),
        ({"days": [a_day(starts="16:00", ends="09:00")]}, ("end_before_start",)),
        ({"online": None}, ("no_place",)),
        ({"venue": "", "city": "", "province": ""}, ("no_place",)),
        ({"language": ""}, ("no_language",)),
        ({"capacity": None}, ("no_capacity",)),
        ({"capacity": 0}, ("capacity_out_of_range",)),
        ({"capacity": -1}, ("capacity_out_of_range",)),
        ({"capacity": 1_000_000}, ("capacity_out_of_range",)),
        ({"fee_other_cents": None}, ("no_fee",)),
        ({"capacity": None, "language": ""}, ("no_language", "no_capacity")),
    ],
)
def test_a_draft_that_is_not_ready_is_refused_with_each_reason(
    runtime: Runtime, but: dict[str, Any], reasons: tuple[str, ...]
) -> None:
    assert refusals_of(runtime, **but) == reasons
    assert events(runtime, "session.published") == []


def test_times_may_be_announced_later(runtime: Runtime) -> None:
    session = a_session(runtime, days=[a_day(starts="", ends="")])
    [event] = events(runtime, "session.published")
    assert event["data"]["closes_at"] == "2026-02-20T14:00:00+00:00"  # 9:00 in Toronto.
    assert reread(runtime, session.id).status == "published"


def test_online_needs_no_place(runtime: Runtime) -> None:
    a_session(runtime, online=True, venue="", city="", province="")
    assert events(runtime, "session.published")[0]["data"]["online"] is True


def test_publishing_twice_is_refused(runtime: Runtime) -> None:
    session = a_session(runtime)
    with pytest.raises(NotChangeable), runtime.database.writing() as db:
        commands.publish_session(db, session.id, actor=ACTOR, now=NOW)
    assert len(events(runtime, "session.published")) == 1


def test_another_time_raises_the_calendar_sequence_and_needs_a_reason(runtime: Runtime) -> None:
    session = a_session(runtime)
    later = [a_day(starts="10:00", ends="17:00")]
    with pytest.raises(ReasonMissing):
        edit(runtime, session.id, days=later)
    assert reread(runtime, session.id).days[0].starts == time(9)
    edit(runtime, session.id, days=later, reason="The room is taken in the morning.")
    [event] = events(runtime, "session.changed")
    assert event["data"]["calendar_sequence"] == NOW.timestamp() // 60
    assert event["data"]["reason"] == "The room is taken in the morning."
    assert event["data"]["days"][0]["starts"] == "10:00"
    assert event["sequence"] == in_milliseconds(NOW) + 1


def test_notes_for_staff_are_no_news(runtime: Runtime) -> None:
    session = a_session(runtime)
    edit(runtime, session.id, notes="Order lunch.")
    assert events(runtime, "session.changed") == []


def test_a_text_changes_on_all_dates_of_the_workshop_and_no_calendar_moves(
    runtime: Runtime,
) -> None:
    session = a_session(runtime)
    with runtime.database.writing() as db:
        copy = commands.duplicate_session(
            db, session.id, first_day=date(2026, 3, 20), actor=ACTOR, now=NOW
        )
        commands.publish_session(db, copy.id, actor=ACTOR, now=NOW)
    edit(runtime, session.id, bring_en="A pen.")
    changed = events(runtime, "session.changed")
    assert {each["data"]["session_id"] for each in changed} == {str(session.id), str(copy.id)}
    assert {each["data"]["calendar_sequence"] for each in changed} == {0}


def test_a_copy_is_a_draft_with_the_same_days_further_on(runtime: Runtime) -> None:
    session = a_session(runtime, days=[a_day("2026-02-20"), a_day("2026-02-22")])
    with runtime.database.writing() as db:
        copy = commands.duplicate_session(
            db, session.id, first_day=date(2026, 3, 20), actor=ACTOR, now=NOW
        )
    assert copy.status == "draft"
    assert [str(day.date) for day in copy.days] == ["2026-03-20", "2026-03-22"]
    assert copy.capacity == 20
    assert copy.workshop_id == session.workshop_id


def test_a_published_session_cannot_be_edited_into_one_that_is_not_ready(
    runtime: Runtime,
) -> None:
    session = a_session(runtime)
    with pytest.raises(NotPublishable) as refused:
        edit(runtime, session.id, capacity=None, reason="why not")
    assert refused.value.reasons == ("no_capacity",)
    assert reread(runtime, session.id).capacity == 20


def test_somebody_elses_change_is_not_overwritten(runtime: Runtime) -> None:
    session = a_draft(runtime)
    edit(runtime, session.id, room="A", version=session.version)
    with pytest.raises(ChangedMeanwhile):
        edit(runtime, session.id, room="B", version=session.version)
    assert reread(runtime, session.id).room == "A"


def test_a_changed_number_of_seats_is_told_with_its_reason(runtime: Runtime) -> None:
    session = a_session(runtime)
    with runtime.database.writing() as db:
        commands.change_capacity(
            db, session.id, capacity=25, reason="A larger room", actor=ACTOR, now=NOW
        )
    [event] = events(runtime, "session.changed")
    assert (event["data"]["capacity"], event["data"]["calendar_sequence"]) == (25, 0)
    newest = reread(runtime, session.id).history[0]
    assert (newest.what, newest.reason, newest.actor) == ("changed", "A larger room", ACTOR)
    assert newest.changes == [{"field": "capacity", "old": "20", "new": "25"}]


@pytest.mark.parametrize("capacity", [0, -1, 1_000_000])
def test_an_impossible_number_of_seats_is_refused(runtime: Runtime, capacity: int) -> None:
    session = a_session(runtime)
    with pytest.raises(NotChangeable), runtime.database.writing() as db:
        commands.change_capacity(
            db, session.id, capacity=capacity, reason="x", actor=ACTOR, now=NOW
        )
    assert events(runtime, "session.changed") == []


def test_a_cancelled_session_is_told_and_stays_cancelled(runtime: Runtime) -> None:
    session = a_session(runtime)
    with pytest.raises(ReasonMissing), runtime.database.writing() as db:
        commands.cancel_session(db, session.id, reason="", actor=ACTOR, now=NOW)
    with runtime.database.writing() as db:
        commands.cancel_session(db, session.id, reason="Snow", actor=ACTOR, now=NOW)
    [event] = events(runtime, "session.cancelled")
    assert event["data"]["status"] == "cancelled"
    assert event["data"]["reason"] == "Snow"
    assert event["data"]["calendar_sequence"] > 0
    with pytest.raises(NotChangeable):
        edit(runtime, session.id, room="B")


def test_what_is_not_there_is_not_found(runtime: Runtime) -> None:
    with pytest.raises(NotFound), runtime.database.writing() as db:
        commands.publish_session(db, new_id(), actor=ACTOR, now=NOW)


def test_many_drafts_get_the_same_hours_and_seats_at_once(runtime: Runtime) -> None:
    drafts = [a_draft(runtime, capacity=None, days=[a_day(starts="", ends="")]) for _ in range(3)]
    published = a_session(runtime, days=[a_day(starts="", ends="")])
    pattern = {"starts": time(9), "ends": time(16), "capacity": 12}
    with runtime.database.writing() as db:
        ids = [each.id for each in (*drafts, published)]
        assert commands.bulk_edit(db, ids, pattern, actor=ACTOR, now=NOW) == 3
    for draft in drafts:
        session = reread(runtime, draft.id)
        assert (session.capacity, session.days[0].starts) == (12, time(9))
        assert session.fee_other_cents == 3000
    assert reread(runtime, published.id).days[0].starts is None


def test_seats_are_counted_by_the_newest_event_in_whatever_order_they_come(
    runtime: Runtime,
) -> None:
    session = a_session(runtime)
    newer = seats_event(session.id, 3, held=20, waiting=4)
    for event in (seats_event(session.id, 2, held=5), newer, seats_event(session.id, 1), newer):
        runtime.inbox.receive(event, NOW + timedelta(minutes=1))
    seats = reread(runtime, session.id).seats
    assert seats is not None
    assert (seats.held, seats.waiting, seats.sequence) == (20, 4, 3)
