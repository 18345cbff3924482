"""Each event calls for one true mail, however often and in whatever order it arrives."""

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember
from services.contracts import consumed_by
from services.contracts.registrations import (
    OFFER_EXPIRING,
    REGISTRATION_DECLINED,
    REGISTRATION_LAPSED,
    REMINDER_DUE,
    ROSTER_DUE,
)
from services.contracts.staff import STAFF_CHANGED
from services.notify.app import SERVICE
from services.notify.kinds import KINDS
from services.notify.models import Delivery
from tests.notify.factories import (
    NOW,
    UNTIL,
    a_contact,
    a_roster,
    a_session,
    about,
    an_envelope,
    cancelled,
    confirmed,
    days,
    in_language,
    moved,
    notice,
    offered,
    one_of_each_kind,
    repeated,
    roster,
    session_cancelled,
    waitlisted,
    where,
)
from tests.notify.post import (
    deliveries,
    files_of,
    mailed,
    parked,
    receive,
    send_all,
    states,
    text_of,
)

HOUR = timedelta(hours=1)


def test_every_contract_has_its_handler() -> None:
    assert set(SERVICE.handlers) == {contract.type for contract in consumed_by("notify")}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_event_becomes_one_mail_although_it_comes_three_times(
    runtime: Runtime, kind: str, language: str
) -> None:
    envelope = receive(runtime, in_language(one_of_each_kind()[kind], language))
    for _ in range(2):
        runtime.inbox.receive(envelope, NOW + HOUR)
    (message,) = mailed(runtime)
    for _ in range(2):
        runtime.inbox.receive(envelope, NOW + HOUR)
    assert len(mailed(runtime, NOW + HOUR)) == 1
    assert states(runtime) == [(kind, "accepted")]
    assert message["Content-Language"] == language
    assert message["To"].addresses[0].addr_spec.endswith("@example.org")
    assert deliveries(runtime)[0].mail_subject == message["Subject"]
    assert not parked(runtime)


def test_waitlisted_and_confirmed_before_sending_is_one_true_mail(runtime: Runtime) -> None:
    receive(runtime, waitlisted(), sequence=1)
    receive(runtime, confirmed(), sequence=2)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("You have a place")
    assert states(runtime) == [("waitlisted", "superseded"), ("confirmed", "accepted")]


def test_events_that_overtake_each_other_leave_the_newest_mail(runtime: Runtime) -> None:
    receive(runtime, cancelled(), sequence=3)
    receive(runtime, confirmed(), sequence=2)
    receive(runtime, waitlisted(), sequence=1)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("You have cancelled")


def test_an_older_event_that_comes_after_the_newer_mail_is_not_sent(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=2)
    assert len(mailed(runtime)) == 1
    receive(runtime, waitlisted(), sequence=1)
    assert len(mailed(runtime)) == 1


def test_people_do_not_supersede_each_other(runtime: Runtime) -> None:
    receive(runtime, waitlisted(registration_id=new_id()), sequence=1)
    receive(runtime, confirmed(registration_id=new_id()), sequence=2)
    assert len(mailed(runtime)) == 2


@pytest.mark.parametrize(
    "newer", [confirmed(), (REGISTRATION_DECLINED, about("declined")), offered()]
)
def test_a_reminder_of_an_offer_is_void_as_soon_as_anything_newer_is_known(
    runtime: Runtime, newer: tuple[object, object]
) -> None:
    receive(runtime, (OFFER_EXPIRING, offered()[1]), sequence=2)
    receive(runtime, newer, sequence=3)  # type: ignore[arg-type]
    assert len(mailed(runtime)) == 1
    assert states(runtime)[0] == ("offer_expiring", "superseded")


def test_a_reminder_of_an_offer_follows_the_offer(runtime: Runtime) -> None:
    receive(runtime, offered(), sequence=1)
    receive(runtime, (OFFER_EXPIRING, offered()[1]), sequence=2)
    assert len(mailed(runtime)) == 2


def test_an_offer_is_not_sent_after_its_deadline(runtime: Runtime) -> None:
    receive(runtime, offered(), sequence=1)
    assert mailed(runtime, UNTIL) == []
    receive(runtime, (REGISTRATION_LAPSED, about("lapsed")), sequence=2)
    assert len(mailed(runtime, UNTIL)) == 1


def test_a_reminder_for_somebody_who_has_cancelled_is_not_sent(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, (REMINDER_DUE, about()), sequence=2)
    receive(runtime, cancelled(), sequence=3)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("You have cancelled")


def test_a_reminder_is_not_sent_when_the_day_has_passed(runtime: Runtime) -> None:
    receive(runtime, (REMINDER_DUE, about()))
    assert mailed(runtime, NOW + timedelta(days=60)) == []


def test_moving_ends_what_waits_about_the_old_place(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, (REMINDER_DUE, about()), sequence=2)
    receive(runtime, moved(), sequence=1)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("You were moved")
    assert "workshop.ics" in files_of(message)


def test_a_cancelled_session_ends_all_that_waits_about_it(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, notice(), sequence=2)
    receive(runtime, session_cancelled(), sequence=3)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("Cancelled:")


def test_two_changes_that_wait_become_one_notice_from_the_first_to_the_last(
    runtime: Runtime,
) -> None:
    first = notice(message="The hall is closed.")
    second = notice(
        session=a_session(days=days(date(2026, 3, 14)), calendar_sequence=2),
        before=where(first[1]["session"]),
    )
    for sequence, each in ((3, second), (2, first)):
        receive(runtime, each, sequence=sequence)
    (message,) = mailed(runtime)
    text = text_of(message)
    assert message["Subject"].startswith("New date, Saturday 14 March 2026")
    assert "Saturday 28 February to Sunday 1 March 2026" in text
    assert "7 to Sunday 8 March" not in text
    assert "The hall is closed." in text
    assert "New place" not in text


def test_a_change_that_is_undone_in_time_is_not_told(runtime: Runtime) -> None:
    there = notice()
    back = notice(session=a_session(calendar_sequence=2), before=where(there[1]["session"]))
    receive(runtime, there, sequence=2)
    receive(runtime, back, sequence=3)
    assert mailed(runtime) == []


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_a_change_whose_notice_may_not_have_gone_out_is_told_by_the_next(
    runtime: Runtime, state: str
) -> None:
    first = notice(message="The hall is closed.")
    there = first[1]["session"]
    room = a_session(**there | {"room": "Room 9", "calendar_sequence": 2})
    receive(runtime, first, sequence=2)
    in_flight(runtime, state)
    receive(runtime, notice(session=room, before=where(there)), sequence=3)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("New date")
    text = text_of(message)
    assert "Saturday 28 February to Sunday 1 March 2026" in text
    assert "The hall is closed." in text
    assert states(runtime) == [("notice_changed", state), ("notice_changed", "accepted")]


def test_a_change_that_is_undone_while_it_is_being_told_is_told(runtime: Runtime) -> None:
    there = notice()
    back = notice(session=a_session(calendar_sequence=2), before=where(there[1]["session"]))
    receive(runtime, there, sequence=2)
    in_flight(runtime, "sending")
    receive(runtime, back, sequence=3)
    (message,) = mailed(runtime)
    assert message["Subject"].startswith("New date, Saturday 28 February 2026")
    assert "Union Hall, Kenora" in text_of(message)


def in_flight(runtime: Runtime, state: str) -> None:
    """Somebody else is at it, and nobody knows yet what comes of it."""
    with runtime.database.writing() as db:
        later = NOW + timedelta(minutes=1)
        db.execute(sa.update(Delivery).values(state=state, due_at=later))


def test_a_notice_says_what_the_person_is_by_now(runtime: Runtime) -> None:
    receive(runtime, notice(status="waiting"), sequence=2)
    receive(runtime, confirmed(session=notice()[1]["session"]), sequence=3)
    notice_, _confirmed = mailed(runtime)
    assert "Your place stays confirmed." in text_of(notice_)


def test_a_confirmation_that_waited_tells_the_new_date_and_place(runtime: Runtime) -> None:
    receive(runtime, confirmed(link_version=1), sequence=1)
    receive(runtime, notice(link_version=2), sequence=2)
    confirmation, notice_ = mailed(runtime)
    for message in (confirmation, notice_):
        assert "Saturday 7 to Sunday 8 March 2026" in text_of(message)
        assert "Union Hall, Kenora" in text_of(message)
    links = {
        line.strip()
        for message in (confirmation, notice_)
        for line in text_of(message).splitlines()
        if "/my/" in line
    }
    assert len(links) == 1


def test_a_repeated_sign_up_is_answered_once_an_hour(runtime: Runtime) -> None:
    for sequence, at in enumerate([NOW, NOW + HOUR / 2, NOW + HOUR * 1.1], start=1):
        receive(runtime, repeated(), sequence=sequence, at=at)
    assert len(mailed(runtime, NOW + HOUR * 2)) == 2


def test_a_roster_goes_once_to_each_recipient_and_occasion(runtime: Runtime) -> None:
    host = a_contact(name="Host", email="host@example.org")
    receive(runtime, roster())
    receive(runtime, roster())
    receive(runtime, (ROSTER_DUE, a_roster(recipient=host)))
    send_all(runtime)
    receive(runtime, (ROSTER_DUE, a_roster(occasion="day_before")), sequence=2)
    send_all(runtime)
    receive(runtime, (ROSTER_DUE, a_roster(occasion="on_demand")), sequence=3)
    send_all(runtime)
    receive(runtime, (ROSTER_DUE, a_roster(occasion="on_demand")), sequence=4)
    messages = mailed(runtime)
    assert len(messages) == 5
    assert all(content.startswith(b"%PDF") for m in messages for content in files_of(m).values())


def test_a_roster_that_waits_gives_way_to_a_newer_one(runtime: Runtime) -> None:
    receive(runtime, roster(), sequence=1)
    receive(runtime, (ROSTER_DUE, a_roster(occasion="on_demand", lines=[])), sequence=2)
    (message,) = mailed(runtime)
    assert "(0 of 24)" in message["Subject"]


def test_staff_accounts_are_kept(runtime: Runtime) -> None:
    facts = {
        "staff_id": UUID(int=7),
        "name": "Alex",
        "email": "alex@example.org",
        "role": "coordinator",
        "language": "fr",
        "active": True,
        "sign_in_epoch": 0,
        "tokens": [],
        "registration_id": UUID(int=7),
    }
    runtime.inbox.receive(an_envelope(STAFF_CHANGED, facts), NOW)
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(StaffMember.email)).all() == ["alex@example.org"]
    assert mailed(runtime) == []
