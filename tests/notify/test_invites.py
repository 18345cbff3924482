"""Invitations in the mail: who gets one, what a change and an end do to it, in which parts."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import date, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from vobject.base import Component

from services.chassis.db import locked
from services.chassis.service import Runtime
from services.contracts.registrations import REGISTRATION_READDRESSED
from services.notify.invitations import note_invitation
from services.notify.letterhead import choose_letterhead
from services.notify.models import UNKNOWN, Delivery, SubjectState
from services.notify.reports import Report, receive_reports
from services.notify.transports.sendgrid import SendGrid
from tests.notify.factories import (
    NOW,
    a_contact,
    a_session,
    about,
    cancelled,
    confirmed,
    days,
    in_language,
    moved,
    notice,
    offered,
    one_of_each_kind,
    repeated,
    session_cancelled,
    waitlisted,
)
from tests.notify.letter_reading import compose_mail
from tests.notify.post import deliveries, files_of, mailed, read, receive, states
from tests.notify.sendgrid_stand_in import SendGridStandIn, sendgrid_server
from tests.notify.test_sending import claimed
from tests.unit.documents.calendars import hours, methods_and_sequences, occurrences, parsed

UID = f"{about()['registration_id']}@turnout.test"


def invite_in(message: EmailMessage) -> Component | None:
    """The calendar part that a mail program acts on; its method is said twice, and alike."""
    parts = [each for each in message.walk() if each.get_content_type() == "text/calendar"]
    found = [each for each in parts if not each.get_filename()]
    if not found:
        return None
    (part,) = found
    calendar = parsed(part.get_payload(decode=True))
    assert part["Content-Type"].params["method"] == calendar.method.value
    assert part["Content-Type"].params["charset"] == "utf-8"
    return calendar


def the_invite(message: EmailMessage) -> Component:
    calendar = invite_in(message)
    assert calendar is not None
    return calendar


def sent(runtime: Runtime, kind: str) -> EmailMessage:
    """The only mail of a kind, after all that is due has gone out."""
    by_kind = dict(zip([name for name, _state in states(runtime)], mailed(runtime), strict=True))
    return by_kind[kind]


def test_a_confirmation_brings_an_invitation_and_a_file_of_it() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    message = read(mail.internet_form)
    calendar = the_invite(message)
    assert methods_and_sequences(calendar) == ("REQUEST", {"0"})
    assert {each.uid.value for each in calendar.vevent_list} == {UID}
    assert occurrences(calendar) == [
        hours(day, "America/Toronto", 9, 7) for day in (date(2026, 2, 28), date(2026, 3, 1))
    ]
    attached = files_of(message)["workshop.ics"]
    assert attached.replace(b"\r\n", b"\n") == mail.calendar.content.replace(b"\r\n", b"\n")  # type: ignore[union-attr]
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]


def test_the_readers_own_link_is_in_no_calendar() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    assert mail.calendar is not None
    assert b"/my/" not in mail.calendar.content


def test_the_invitation_of_an_online_session_leads_to_it() -> None:
    online = a_session(online=True, place="", join_link="https://meet.example.org/abc")
    calendar = the_invite(read(compose_mail(confirmed(session=online), "confirmed").internet_form))
    assert calendar.vevent.location.value == "https://meet.example.org/abc"


def test_an_invitation_is_in_the_readers_language() -> None:
    sample = in_language(confirmed(recipient=a_contact(name="Zoé Côté")), "fr")
    mail = compose_mail(sample, "confirmed")
    event = the_invite(read(mail.internet_form)).vevent
    assert event.summary.value == "Formation syndicale, 1re partie"
    assert event.valarm.description.value == "Demain\u00a0: Formation syndicale, 1re partie"
    assert event.attendee.params["CN"] == ["Zoé Côté"]
    assert [each.filename for each in mail.attachments] == ["atelier.ics"]


@pytest.mark.parametrize("kind", sorted(one_of_each_kind()))
def test_only_what_changes_a_confirmed_place_brings_a_calendar(kind: str) -> None:
    mail = compose_mail(one_of_each_kind()[kind], kind)
    assert (mail.calendar is not None) == (kind in ("confirmed", "moved", "notice_changed"))


def test_those_without_a_seat_get_no_invitation() -> None:
    for kind, sample in (
        ("waitlisted", waitlisted()),
        ("offered", offered()),
        ("repeated", repeated()),
        ("notice_changed", notice(status="waiting")),
        ("notice_changed", notice(status="offered")),
    ):
        mail = compose_mail(sample, kind)
        assert mail.calendar is None
        assert mail.attachments == ()


def test_a_change_raises_the_sequence_of_the_same_invitation(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    before = the_invite(sent(runtime, "confirmed"))
    receive(runtime, notice(), sequence=2)
    after = the_invite(sent(runtime, "notice_changed"))
    assert methods_and_sequences(after) == ("REQUEST", {"1"})
    assert before.vevent.uid.value == after.vevent.uid.value
    assert after.vevent.location.value == "Union Hall, Kenora"
    assert occurrences(after)[0] == hours(date(2026, 3, 7), "America/Toronto", 9, 7)


def test_an_invitation_that_waited_tells_the_newest_time(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, notice(), sequence=2)
    first = the_invite(sent(runtime, "confirmed"))
    assert methods_and_sequences(first) == ("REQUEST", {"1"})


@pytest.mark.parametrize("by", ["member", "staff"])
def test_a_cancellation_takes_the_invitation_back(runtime: Runtime, by: str) -> None:
    receive(runtime, confirmed(), sequence=1)
    mailed(runtime)
    receive(runtime, cancelled(by=by), sequence=2)
    message = sent(runtime, "cancelled")
    calendar = the_invite(message)
    assert methods_and_sequences(calendar) == ("CANCEL", {"1"})
    assert calendar.vevent.uid.value == UID
    assert calendar.vevent.status.value == "CANCELLED"
    assert "cancelled.ics" in files_of(message)


def test_a_cancellation_comes_above_the_last_change(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    mailed(runtime)
    receive(runtime, notice(), sequence=2)
    mailed(runtime)
    receive(runtime, cancelled(), sequence=3)
    assert methods_and_sequences(the_invite(sent(runtime, "cancelled"))) == ("CANCEL", {"2"})


def test_a_session_that_is_called_off_leaves_every_calendar(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    mailed(runtime)
    off = session_cancelled(session=a_session(calendar_sequence=1))
    receive(runtime, in_language(off, "fr"), sequence=2)
    message = sent(runtime, "notice_cancelled")
    assert methods_and_sequences(the_invite(message)) == ("CANCEL", {"2"})
    assert "annulation.ics" in files_of(message)


def test_nothing_is_taken_back_that_was_never_sent(runtime: Runtime) -> None:
    receive(runtime, waitlisted(), sequence=1)
    mailed(runtime)
    receive(runtime, cancelled(), sequence=2)
    assert invite_in(sent(runtime, "cancelled")) is None


def test_an_invitation_still_in_the_queue_needs_no_taking_back(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, cancelled(), sequence=2)
    (message,) = mailed(runtime)
    assert invite_in(message) is None
    assert states(runtime) == [("confirmed", "superseded"), ("cancelled", "accepted")]


def test_an_invitation_of_unknown_fate_is_taken_back(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    with runtime.database.writing() as db:
        first = db.query(Delivery).one()
        first.state, first.second_copy_possible = UNKNOWN, True
        first.due_at = NOW + timedelta(hours=1)
    receive(runtime, cancelled(), sequence=2)
    (message,) = mailed(runtime)
    assert the_invite(message).method.value == "CANCEL"


@pytest.mark.parametrize("kind", ["processed", "delivered"])
def test_an_invitation_that_only_the_provider_tells_of_is_taken_back(
    runtime: Runtime, kind: str
) -> None:
    receive(runtime, confirmed(), sequence=1)
    claimed(runtime)  # Its sender dies before it can note anything.
    (first,) = deliveries(runtime)
    receive_reports(runtime.database, [Report("r1", kind, NOW, first.id)], NOW)
    receive(runtime, cancelled(), sequence=2)
    (message,) = mailed(runtime)
    assert the_invite(message).method.value == "CANCEL"


def test_a_sender_that_notes_an_invitation_waits_for_nobody_who_waits_for_its_mail(
    runtime: Runtime,
) -> None:
    receive(runtime, confirmed(), sequence=1)
    (delivery,) = deliveries(runtime)
    correction = REGISTRATION_READDRESSED, about(link_version=2, previous_email="a@example.org")
    with ThreadPoolExecutor(1) as pool:
        with runtime.database.writing() as db:
            locked(db, Delivery, delivery.id)
            heard = pool.submit(receive, runtime, correction, sequence=2)
            assert wait([heard], timeout=0.5).not_done
            note_invitation(db, delivery, compose_mail(confirmed(), "confirmed"))
        heard.result()


def test_moving_invites_to_the_new_session_and_takes_back_the_old(runtime: Runtime) -> None:
    receive(runtime, confirmed(), sequence=1)
    mailed(runtime)
    receive(runtime, moved(session=a_session(days=days(date(2026, 4, 11)))), sequence=1)
    message = sent(runtime, "moved")
    new = the_invite(message)
    old = parsed(files_of(message)["cancelled.ics"])
    assert methods_and_sequences(new) == ("REQUEST", {"0"})
    assert methods_and_sequences(old) == ("CANCEL", {"1"})
    assert old.vevent.uid.value == UID
    assert new.vevent.uid.value != UID
    assert occurrences(new)[0] == hours(date(2026, 4, 11), "America/Toronto", 9, 7)
    (part,) = [
        each for each in message.iter_attachments() if each.get_filename() == "cancelled.ics"
    ]
    assert part["Content-Type"].params["method"] == "CANCEL"


def test_moving_somebody_who_was_never_invited_takes_nothing_back(runtime: Runtime) -> None:
    receive(runtime, moved(), sequence=1)
    assert set(files_of(sent(runtime, "moved"))) == {"workshop.ics"}


def test_the_invitation_comes_from_whom_answers_reach(runtime: Runtime) -> None:
    with runtime.database.writing() as db:
        choose_letterhead(db, {"sender_name": "Union école", "reply_to": "office@example.org"})
    receive(runtime, confirmed())
    event = the_invite(sent(runtime, "confirmed")).vevent
    assert event.organizer.value == "mailto:office@example.org"
    assert event.organizer.params["CN"] == ["Union école"]


def test_without_such_an_address_it_comes_from_the_sender() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    event = the_invite(read(mail.internet_form)).vevent
    assert event.organizer.value == f"mailto:{mail.sender.address}"


def test_a_mail_without_an_invitation_leaves_no_mark(runtime: Runtime) -> None:
    receive(runtime, waitlisted())
    mailed(runtime)
    with runtime.database.reading() as db:
        assert not db.get_one(SubjectState, UUID(UID.partition("@")[0])).is_invited


def test_sendgrid_gets_the_invitation_as_a_third_content_and_as_a_file() -> None:
    mail = compose_mail(confirmed(), "confirmed")
    stand_in = SendGridStandIn()
    with sendgrid_server(stand_in) as server:
        SendGrid("the-key", server.address).send(mail, NOW)
    (request,) = stand_in.requests
    assert [each["type"] for each in request["content"]] == [
        "text/plain",
        "text/html",
        "text/calendar; method=REQUEST",
    ]
    assert parsed(request["content"][2]["value"].encode()).method.value == "REQUEST"
    (file,) = request["attachments"]
    assert (file["type"], file["filename"]) == ("application/ics", "workshop.ics")
