"""Signing up: seats, places, repeats, idempotency, fees."""

import threading
from datetime import UTC, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.chassis.service import Runtime
from services.registration.answers import KeyUsedOtherwise, NotBookable
from services.registration.models import Affiliation, Organisation, Registration
from tests.registration.factories import (
    NOW,
    a_session,
    an_entry,
    facts,
    sign_up,
    signed_up,
    state_of,
    tell_of,
    told,
)


def local(runtime: Runtime, number: str) -> UUID:
    with runtime.database.reading() as db:
        return db.scalars(sa.select(Organisation.id).where(Organisation.number == number)).one()


def test_the_first_get_seats_and_the_others_places_in_line(runtime: Runtime) -> None:
    session = a_session(runtime, capacity=2)
    answers = [signed_up(runtime, session, f"Member {number}") for number in range(5)]
    assert [each.registration.state for each in answers] == ["confirmed"] * 2 + ["waiting"] * 3
    assert [each.place for each in answers] == [None, None, 1, 2, 3]
    assert told(runtime, answers[0]) == ["registration.confirmed.v1"]
    assert told(runtime, answers[4]) == ["registration.waitlisted.v1"]


def test_a_capacity_of_nought_means_no_seat_at_all(runtime: Runtime) -> None:
    session = a_session(runtime, capacity=0)
    assert signed_up(runtime, session, "Alex").place == 1


def test_an_address_that_has_a_place_keeps_it_and_is_told_by_mail_once_an_hour(
    runtime: Runtime,
) -> None:
    session = a_session(runtime)
    first = signed_up(runtime, session, "Alex")
    again = signed_up(runtime, session, "Alex", email="ALEX@example.org")
    signed_up(runtime, session, "Alex")
    assert again.repeated
    assert again.registration.id == first.registration.id
    assert told(runtime, first) == ["registration.confirmed.v1", "registration.repeated.v1"]


def test_the_same_key_gives_the_same_answer_and_another_request_with_it_is_refused(
    runtime: Runtime,
) -> None:
    session = a_session(runtime)
    with runtime.database.writing() as db:
        first = sign_up(db, session, an_entry(), key="k", now=NOW)
    with runtime.database.writing() as db:
        again = sign_up(db, session, an_entry(), key="k", now=NOW)
    assert (again.registration.id, again.repeated) == (first.registration.id, False)
    with pytest.raises(KeyUsedOtherwise), runtime.database.writing() as db:
        sign_up(db, session, an_entry("Somebody Else"), key="k", now=NOW)


@pytest.mark.parametrize(
    ("but", "now", "reason"),
    [
        ({"status": "cancelled"}, NOW, "cancelled"),
        ({}, datetime(2026, 4, 1, 13, 30, tzinfo=UTC), "past"),
        ({"closes_at": datetime(2026, 3, 1, tzinfo=UTC)}, NOW, "closed"),
    ],
)
def test_a_session_that_takes_no_sign_ups_says_why(
    runtime: Runtime, but: dict[str, object], now: datetime, reason: str
) -> None:
    session = a_session(runtime, **but)
    with pytest.raises(NotBookable) as refused:
        signed_up(runtime, session, "Alex", now=now)
    assert refused.value.reason == reason
    assert "registration.confirmed.v1" not in told(runtime)


@pytest.mark.parametrize(
    ("number", "fee"),
    [("1207", (2500, "affiliate")), ("77", (3000, "other")), ("", (3000, "other"))],
)
def test_the_fee_follows_the_affiliation_of_the_local(
    runtime: Runtime, number: str, fee: tuple[int, str]
) -> None:
    organisation_id = local(runtime, number) if number else None
    answer = signed_up(runtime, a_session(runtime), "Alex", organisation_id=organisation_id)
    assert (answer.registration.fee_cents, answer.registration.fee_rule) == fee


def test_the_fee_stays_when_the_affiliation_ends_later(runtime: Runtime) -> None:
    organisation_id = local(runtime, "1207")
    with runtime.database.writing() as db:
        for period in db.scalars(sa.select(Affiliation)):
            period.starts_on = NOW.date()
    session = a_session(runtime)
    answer = signed_up(runtime, session, "Alex", organisation_id=organisation_id)
    with runtime.database.writing() as db:
        for period in db.scalars(sa.select(Affiliation)):
            period.ends_on = NOW.date()
    with runtime.database.reading() as db:
        assert db.get_one(Registration, answer.registration.id).fee_cents == 2500


def test_sixty_at_once_for_ten_seats_get_ten_seats_and_fifty_places(runtime: Runtime) -> None:
    session = a_session(runtime, capacity=10)
    answers, failures = [], []

    def one(number: int) -> None:
        try:
            answers.append(signed_up(runtime, session, f"Member {number}"))
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(60)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert failures == []
    assert sum(state_of(runtime, each) == "confirmed" for each in answers) == 10
    assert sorted(each.place for each in answers if each.place) == list(range(1, 51))


def test_the_answer_is_the_same_whatever_order_catalog_events_come_in(runtime: Runtime) -> None:
    session = facts(capacity=5)
    tell_of(runtime, session | {"capacity": 9}, sequence=2)
    session_id = tell_of(runtime, session, sequence=1)
    answers = [signed_up(runtime, session_id, f"Member {number}") for number in range(9)]
    assert {each.registration.state for each in answers} == {"confirmed"}
