"""The line: offers, deadlines, declining, lapsing, capacity, cancellation, and what is told."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.chassis.links import Links
from services.chassis.service import Runtime
from services.registration import due
from services.registration.answers import Answer
from services.registration.models import Registration
from services.registration.places import TooLate, accept_offer, decline_offer, give_up
from services.registration.staff_actions import (
    OverCapacity,
    cancel_by_staff,
    confirm_by_staff,
    hold_back,
    move_by_staff,
    offer_by_staff,
    release,
)
from tests.registration.factories import NOW, a_session, facts, signed_up, state_of, tell_of, told

WHY = {"actor": "Coordinator", "reason": "because"}


def cancel(runtime: Runtime, answer: Answer) -> None:
    with runtime.database.writing() as db:
        give_up(db, answer.registration.id, now=NOW)


def full_session(runtime: Runtime, waiting: int = 3, **but: object) -> tuple[UUID, list[Answer]]:
    session = a_session(runtime, **({"capacity": 1} | but))
    return session, [signed_up(runtime, session, f"Member {n}") for n in range(waiting + 1)]


def test_a_cancelled_seat_is_offered_to_the_first_in_line_with_a_deadline(runtime: Runtime) -> None:
    _, (seated, first, second, _) = full_session(runtime)
    cancel(runtime, seated)
    cancel(runtime, seated)
    assert [state_of(runtime, each) for each in (seated, first, second)] == [
        "cancelled",
        "offered",
        "waiting",
    ]
    assert told(runtime, seated)[-1] == "registration.cancelled.v1"
    assert told(runtime, first)[-1] == "registration.offered.v1"
    with runtime.database.reading() as db:
        until = db.get_one(Registration, first.registration.id).offered_until
    assert until == NOW + timedelta(hours=48)


def test_nobody_cancels_a_session_that_is_over(runtime: Runtime) -> None:
    answer = signed_up(runtime, a_session(runtime), "Alex")
    with pytest.raises(TooLate), runtime.database.writing() as db:
        give_up(db, answer.registration.id, now=NOW.replace(month=4, day=2))
    assert state_of(runtime, answer) == "confirmed"


def test_accepting_twice_confirms_once(runtime: Runtime) -> None:
    _, (seated, first, *_) = full_session(runtime)
    cancel(runtime, seated)
    for _ in range(2):
        with runtime.database.writing() as db:
            accept_offer(db, first.registration.id, now=NOW)
    assert told(runtime, first).count("registration.confirmed.v1") == 1


def test_a_declined_offer_goes_to_the_next_and_never_back(runtime: Runtime) -> None:
    _, (seated, first, second, third) = full_session(runtime)
    cancel(runtime, seated)
    for each in (first, second, third):
        with runtime.database.writing() as db:
            decline_offer(db, each.registration.id, now=NOW)
    assert {state_of(runtime, each) for each in (first, second, third)} == {"declined"}


def test_an_offer_lapses_after_its_deadline_and_the_next_gets_it(runtime: Runtime) -> None:
    _, (seated, first, second, _) = full_session(runtime)
    cancel(runtime, seated)
    due.run_offers(runtime, NOW + timedelta(hours=25))
    assert told(runtime, first)[-1] == "offer.expiring.v1"
    due.run_offers(runtime, NOW + timedelta(hours=25))
    assert told(runtime, first).count("offer.expiring.v1") == 1
    late = NOW + timedelta(hours=49)
    with pytest.raises(TooLate), runtime.database.writing() as db:
        accept_offer(db, first.registration.id, now=late)
    due.run_offers(runtime, late)
    assert [state_of(runtime, each) for each in (first, second)] == ["lapsed", "offered"]
    assert told(runtime, first)[-1] == "registration.lapsed.v1"


def test_who_ticked_automatic_is_confirmed_at_once(runtime: Runtime) -> None:
    session = a_session(runtime, capacity=1)
    seated = signed_up(runtime, session, "Seated")
    eager = signed_up(runtime, session, "Eager", auto_confirm=True)
    cancel(runtime, seated)
    assert told(runtime, eager) == ["registration.waitlisted.v1", "registration.confirmed.v1"]


def test_who_is_held_back_keeps_the_place_and_blocks_nobody(runtime: Runtime) -> None:
    _, (seated, first, second, _) = full_session(runtime)
    with runtime.database.writing() as db:
        hold_back(db, first.registration.id, **WHY, now=NOW)
    cancel(runtime, seated)
    assert [state_of(runtime, each) for each in (first, second)] == ["waiting", "offered"]
    cancel(runtime, second)
    with runtime.database.writing() as db:
        release(db, first.registration.id, **WHY, now=NOW)
    assert state_of(runtime, first) == "waiting"


def test_more_capacity_fills_from_the_line_and_less_throws_nobody_out(runtime: Runtime) -> None:
    session = facts(capacity=1)
    session_id = tell_of(runtime, session)
    answers = [signed_up(runtime, session_id, f"Member {n}") for n in range(4)]
    tell_of(runtime, session | {"capacity": 3}, sequence=2)
    assert [state_of(runtime, each) for each in answers] == [
        "confirmed",
        "offered",
        "offered",
        "waiting",
    ]
    tell_of(runtime, session | {"capacity": 1}, sequence=3)
    cancel(runtime, answers[0])
    assert state_of(runtime, answers[3]) == "waiting"


def test_no_offer_goes_out_after_registration_has_closed_and_the_line_is_told(
    runtime: Runtime,
) -> None:
    workshop = facts()["workshop_id"]
    a_session(
        runtime, workshop_id=workshop, days=[date(2026, 6, 1)], closes_at=NOW.replace(month=6)
    )
    _, (seated, first, *_) = full_session(runtime, workshop_id=workshop)
    later = NOW.replace(month=4, day=1, hour=13)
    with runtime.database.writing() as db:
        give_up(db, seated.registration.id, now=later)
    due.run_offers(runtime, later)
    assert state_of(runtime, first) == "closed"
    assert told(runtime, first)[-1] == "registration.closed.v1"


def test_staff_may_confirm_over_capacity_only_when_they_say_so(runtime: Runtime) -> None:
    _, (seated, first, second, _) = full_session(runtime)
    with pytest.raises(OverCapacity), runtime.database.writing() as db:
        confirm_by_staff(db, first.registration.id, **WHY, now=NOW)
    with runtime.database.writing() as db:
        confirm_by_staff(db, first.registration.id, **WHY, over_capacity=True, now=NOW)
    with runtime.database.writing() as db:
        cancel_by_staff(db, first.registration.id, **WHY, now=NOW)
    assert state_of(runtime, second) == "waiting"
    cancel(runtime, seated)
    assert state_of(runtime, second) == "offered"


def test_staff_may_offer_out_of_turn_and_move_people(runtime: Runtime) -> None:
    _, (seated, first, second, third) = full_session(runtime)
    with runtime.database.writing() as db:
        offer_by_staff(db, third.registration.id, **WHY, over_capacity=True, now=NOW)
    assert state_of(runtime, third) == "offered"
    other = a_session(runtime, capacity=1)
    with runtime.database.writing() as db:
        moved = move_by_staff(db, seated.registration.id, other, **WHY, now=NOW)
    assert (moved.state, moved.session_id) == ("confirmed", other)
    assert state_of(runtime, seated) == "cancelled"
    assert told(runtime, seated) == ["registration.confirmed.v1"]
    assert [state_of(runtime, each) for each in (first, second)] == ["waiting", "waiting"]


def test_a_changed_room_is_told_to_everyone_with_a_live_place_and_to_nobody_else(
    runtime: Runtime,
) -> None:
    session = facts(capacity=1)
    session_id = tell_of(runtime, session)
    seated, first, gone = (signed_up(runtime, session_id, f"Member {n}") for n in range(3))
    cancel(runtime, gone)
    tell_of(runtime, session | {"room": "Room 9"}, sequence=2)
    tell_of(runtime, session | {"room": "Room 9"}, sequence=2)
    assert [told(runtime, each).count("session.notice.v1") for each in (seated, first, gone)] == [
        1,
        1,
        0,
    ]


def test_a_cancelled_session_ends_every_place_with_one_notice(runtime: Runtime) -> None:
    session = facts(capacity=1)
    session_id = tell_of(runtime, session)
    answers = [signed_up(runtime, session_id, f"Member {n}") for n in range(2)]
    tell_of(runtime, session | {"status": "cancelled"}, sequence=2)
    assert [state_of(runtime, each) for each in answers] == ["cancelled", "cancelled"]
    assert [told(runtime, each)[-1] for each in answers] == ["session.notice.v1"] * 2


def test_links_open_only_what_they_were_made_for(runtime: Runtime) -> None:
    links = Links(runtime.settings)
    answer = signed_up(runtime, a_session(runtime), "Alex")
    token = links.manage(answer.registration.id, 1).rsplit("/", 1)[1]
    assert links.read_manage(token) == (answer.registration.id, 1)
    assert links.read_roster(token) is None
    assert links.read_manage(token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]) is None
