"""Registration forgets as the table says: numbers stay, nobody's name does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.service import Runtime
from services.registration.anonymity import ELECTED, NOBODY
from services.registration.audiences import Audience, find_group
from services.registration.models import (
    HistoryEntry,
    Need,
    Person,
    Registration,
    StaffTask,
    StoredAnswer,
)
from services.registration.places import UnknownRegistration, lock_registration
from services.registration.queries import counts_by_session
from services.registration.roster_recipients import record_opening
from services.registration.sending_models import RosterOpening, RosterRecipient
from services.registration.staff_actions import write_note
from services.registration.tasks import open_task
from tests.registration.factories import NOW, a_session, an_entry, sign_up, signed_up
from tests.retention import forget_all

LAST_DAY = datetime(2026, 4, 1, tzinfo=UTC)
TWO_YEARS_LATER = datetime(2028, 4, 2, tzinfo=UTC)


def rows(runtime: Runtime, table: Any) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(table)))


def test_needs_are_forgotten_thirty_days_after_the_workshop(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    signed_up(runtime, session_id, "Alex Rivera", needs="a seat near the door")
    forget_all(runtime, LAST_DAY + timedelta(days=30))
    assert len(rows(runtime, Need)) == 1
    forget_all(runtime, LAST_DAY + timedelta(days=31))
    assert rows(runtime, Need) == []


def test_after_two_years_a_registration_is_a_number(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=1)
    details = {"role": "Chief steward", "phone": "+14165550142", "organisation_name": "My local"}
    alex = signed_up(runtime, session_id, "Alex Rivera", **details)
    signed_up(runtime, session_id, "Sam Lee")
    with runtime.database.writing() as db:
        write_note(db, alex.registration.id, actor="Jo", reason="Alex phoned twice", now=NOW)
    before = rows(runtime, Registration)
    with runtime.database.reading() as db:
        counts = counts_by_session(db, [session_id])
    assert forget_all(runtime, TWO_YEARS_LATER - timedelta(days=1)) == []
    assert {each.name for each in rows(runtime, Registration)} == {"Alex Rivera", "Sam Lee"}
    forget_all(runtime, TWO_YEARS_LATER)
    after = rows(runtime, Registration)
    for old, new in zip(before, after, strict=True):
        assert (new.name, new.phone) == (NOBODY, "")
        assert (new.state, new.fee_cents, new.joined_at) == (
            old.state,
            old.fee_cents,
            old.joined_at,
        )
        assert new.organisation_id == old.organisation_id
    assert [each.role for each in after] == [ELECTED, ""]
    assert after[0].organisation_name == ""
    assert {each.email for each in rows(runtime, Person)} == {""}
    assert [each.reason for each in rows(runtime, HistoryEntry) if each.actor == "Jo"] == [""]
    with runtime.database.reading() as db:
        assert counts_by_session(db, [session_id]) == counts
    assert forget_all(runtime, TWO_YEARS_LATER) == []


def test_somebody_who_came_back_is_known_for_the_later_place_alone(runtime: Runtime) -> None:
    first = a_session(runtime)
    signed_up(runtime, first, "Alex Rivera")
    day = datetime(2028, 6, 1, 13, tzinfo=UTC)
    second = a_session(runtime, days=[day.date()], closes_at=day)
    signed_up(runtime, second, "Alex Rivera", now=day - timedelta(days=60))
    forget_all(runtime, TWO_YEARS_LATER)
    found = {each.session_id: each for each in rows(runtime, Registration)}
    assert (found[first].name, found[first].person.email) == (NOBODY, "")
    assert found[second].person.email == "alex.rivera@example.org"


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_nobody_can_be_written_to_or_acted_on_once_forgotten(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    alex = signed_up(runtime, session_id, "Alex Rivera")
    forget_all(runtime, TWO_YEARS_LATER)
    with runtime.database.writing() as db:
        assert find_group(db, Audience("confirmed", session_id)).readers == ()
        with pytest.raises(UnknownRegistration):
            lock_registration(db, alex.registration.id)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_who_got_and_opened_a_roster_is_forgotten_with_the_registrations(runtime: Runtime) -> None:
    a_session(runtime)
    for recipient in rows(runtime, RosterRecipient):
        with runtime.database.writing() as db:
            record_opening(db, recipient.id, "pdf", NOW)
    assert len(rows(runtime, RosterOpening)) == 2
    forget_all(runtime, TWO_YEARS_LATER)
    assert rows(runtime, RosterRecipient) == rows(runtime, RosterOpening) == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_keys_tasks_and_unused_addresses_go_in_their_time(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    with runtime.database.writing() as db:
        sign_up(db, session_id, an_entry(), key="form:1", now=NOW)
        task = open_task(db, "mail_bounced", session_id=session_id, words="no such user", since=NOW)
        task.done_at, task.outcome = NOW, "telephoned Alex"
        db.add(Person(email_key="old@example.org", email="old@example.org", created_at=NOW))
    forget_all(runtime, NOW + timedelta(days=8))
    assert rows(runtime, StoredAnswer) == []
    assert len(rows(runtime, Person)) == 2
    forget_all(runtime, NOW + timedelta(days=91))
    assert [(each.words, each.outcome) for each in rows(runtime, StaffTask)] == [("", "")]
    assert [each.email for each in rows(runtime, Person)] == ["alex.rivera@example.org"]
