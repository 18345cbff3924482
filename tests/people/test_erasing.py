"""Somebody is erased: the numbers stay, and their name is in no table and no file of the three."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from infra.reconciling import examine
from services.chassis.ids import new_id
from services.chassis.links import Links
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.notify.claiming import claim_due
from services.notify.models import SENDING, Delivery, Suppression
from services.notify.sending import attempt_and_note
from services.notify.suppressions import ALL, suppress, suppression_of
from services.notify.transports import transport_for
from services.registration.accounts import add_staff
from services.registration.anonymity import NOBODY
from services.registration.audiences import Audience
from services.registration.erasure import ask_erasure
from services.registration.group_messages import Draft, send_group_message
from services.registration.models import HistoryEntry
from services.registration.people import AddressIsShared
from services.registration.person_models import PersonRequest
from services.registration.queries import counts_by_session
from services.registration.roster_recipients import add_recipient
from services.registration.rosters import send_roster
from services.registration.seats import lock_session
from services.registration.staff_actions import write_note
from services.registration.tasks import open_task
from tests.catalog.factories import a_draft
from tests.people.site import LATER, Site, where_is
from tests.registration.factories import NOW, a_session, facts, signed_up, tell_of

NAME, EMAIL, PHONE = "Zofia Quillmarker", "zofia.quillmarker@example.org", "+14165550199"
MARKS = ("Zofia", "Quillmarker", EMAIL, "5550199", "555-0199")


def sign_up_marker(site: Site | Runtime, session_id: Any, **but: Any) -> Any:
    details = {
        "email": EMAIL,
        "phone": PHONE,
        "phone_on_roster": True,
        "role": "Chief steward",
        "needs": "a ramp",
    }
    runtime = site.registration if isinstance(site, Site) else site
    return signed_up(runtime, session_id, NAME, **(details | but))


def erase(site: Site, email: str = EMAIL, *, actor: str = "Admin", **how: Any) -> PersonRequest:
    with site.registration.database.writing() as db:
        return ask_erasure(db, site.who(email, **how), actor=actor, reason="by letter", now=LATER)


def states(site: Site) -> list[tuple[str, str]]:
    return [(each.name, each.state) for each in site.places()]


def a_full_life(site: Site) -> Any:
    """The marker's traces in everything that can hold some."""
    contact = {"name": NAME, "email": EMAIL, "language": "en"}
    a_draft(site.catalog, facilitators=[contact], host=contact, notes=f"{NAME} has the key")
    registration = site.registration
    session = facts(capacity=1)
    session_id = tell_of(registration, session)
    marker = sign_up_marker(site, session_id, announcements=True)
    signed_up(registration, session_id, "Sam Lee")
    signed_up(registration, a_session(registration), "Ana Roy")
    with registration.database.writing() as db:
        room = lock_session(db, session_id)
        write_note(db, marker.registration.id, actor="Jo", reason=f"{NAME} rang", now=NOW)
        add_recipient(db, room, contact, actor="Jo", now=NOW)
        open_task(db, "mail_bounced", session_id=session_id, about=EMAIL, words="550", since=NOW)
        send_roster(db, room, "on_demand", links=Links(registration.settings), now=NOW)
        subject = {"en": f"{NAME} leads", "fr": ""}
        draft = Draft(new_id(), Audience("confirmed", session_id), subject, {"en": "Hi", "fr": ""})
        send_group_message(db, draft, author="Jo", expected=1, now=NOW)
    site.settle(NOW)
    return session_id


def test_no_name_is_left_in_any_of_the_three_and_the_numbers_stay(site: Site) -> None:
    session_id = a_full_life(site)
    assert all(where_is(site, *MARKS).values()), "the test has to see what it then misses"
    with site.registration.database.reading() as db:
        fees = [each.fee_cents for each in site.places()]
        total = sum(counts_by_session(db, [session_id]).values())
    request = erase(site)
    site.settle(LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    assert site.request(request.id).finished_at == LATER
    assert [each.fee_cents for each in site.places()] == fees
    with site.registration.database.reading() as db:
        assert sum(counts_by_session(db, [session_id]).values()) == total
    named = [(each.name, each.state) for each in site.places()]
    assert sorted(named) == [
        ("Ana Roy", "confirmed"),
        ("Sam Lee", "offered"),
        (NOBODY, "cancelled"),
    ]
    with site.registration.database.reading() as db:
        [entry] = db.scalars(sa.select(HistoryEntry).where(HistoryEntry.action == "erased"))
    assert (entry.session_id, entry.actor, entry.reason) == (session_id, "Admin", "by letter")
    later = LATER + timedelta(minutes=6)
    assert [each for each in examine(site.runtimes(), later) if each.broken_by] == []


def deliveries(site: Site) -> list[Delivery]:
    with site.notify.database.reading() as db:
        return list(db.scalars(sa.select(Delivery).order_by(Delivery.id)))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_last_mail_tells_of_the_cancelled_place_before_all_is_erased(site: Site) -> None:
    session_id = a_session(site.registration, capacity=1)
    sign_up_marker(site, session_id)
    site.settle(NOW)
    request = erase(site)
    site.carry(LATER)
    last = [each for each in deliveries(site) if each.kind == "cancelled"]
    assert [each.context["message"] for each in last] == [
        "Your data are erased, as was asked. Your own page is gone with them."
    ]
    site.settle(LATER)
    [last] = [each for each in deliveries(site) if each.kind == "cancelled"]
    assert (last.state, last.recipient_email, last.attempts) == ("accepted", "", 1)
    assert site.request(request.id).finished_at


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_seat_goes_to_the_next_in_line_and_an_open_offer_passes_on(site: Site) -> None:
    session_id = a_session(site.registration, capacity=1)
    signed_up(site.registration, session_id, "Sam Lee")
    sign_up_marker(site, session_id)
    signed_up(site.registration, session_id, "Ana Roy")
    erase(site, "sam.lee@example.org")
    assert [state for _name, state in states(site)] == ["cancelled", "offered", "waiting"]
    erase(site)  # While the offer to them is open.
    assert [state for _name, state in states(site)] == ["cancelled", "cancelled", "offered"]
    site.settle(LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


def test_a_service_that_is_away_is_waited_for_and_the_rest_is_done(site: Site) -> None:
    a_full_life(site)
    request = erase(site)
    site.settle(LATER, without="notify")
    assert set(site.request(request.id).answers) == {"registration", "catalog"}
    assert site.request(request.id).finished_at is None
    found = where_is(site, *MARKS)
    away = {place for places in found.values() for place in places}
    assert {place.partition(".")[0].partition("/")[0] for place in away} <= {
        "notify", "mail", "registration",
    }  # fmt: skip
    assert {place for place in away if place.startswith("registration")} <= {
        "registration.outbox.envelope",
        "registration.person_request.who",
        "registration.erasure.who",
    }
    site.settle(LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_mail_that_is_just_being_sent_is_waited_for(site: Site) -> None:
    session_id = a_session(site.registration)
    sign_up_marker(site, session_id)
    site.carry(NOW)
    transport = transport_for(site.notify.settings)
    with site.notify.database.writing() as db:
        claims = claim_due(db, transport, LATER)
    request = erase(site)
    site.settle(LATER)
    assert SENDING in {each.state for each in deliveries(site)}
    assert site.request(request.id).finished_at is None
    attempt_and_note(site.notify, transport, claims, LATER)
    site.settle(LATER + timedelta(seconds=1))
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_sender_that_was_held_up_for_long_brings_nothing_back(site: Site) -> None:
    session_id = a_session(site.registration)
    sign_up_marker(site, session_id)
    site.carry(NOW)
    transport = transport_for(site.notify.settings)
    with site.notify.database.writing() as db:
        claims = claim_due(db, transport, NOW)
    erase(site)
    site.settle(LATER)
    much_later = LATER + timedelta(hours=2)
    site.settle(much_later)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    attempt_and_note(site.notify, transport, claims, much_later)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_event_that_comes_once_more_brings_nothing_back(site: Site) -> None:
    a_full_life(site)
    with site.registration.database.reading() as db:
        told = list(db.scalars(sa.select(OutboxRow).where(OutboxRow.subscriber == "notify")))
    erase(site)
    site.settle(LATER)
    with site.notify.database.writing() as db:  # As after a restore: it knows of no event.
        db.execute(sa.text("DELETE FROM inbox"))
    for row in told:
        site.notify.inbox.receive(row.envelope, LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


def test_an_unknown_address_and_a_second_time_are_answered_by_all(site: Site) -> None:
    for _time in range(2):
        request = erase(site, "nobody.knows@example.org")
        site.settle(LATER)
        assert set(site.request(request.id).answers) == {"registration", "notify", "catalog"}
        assert site.request(request.id).finished_at == LATER
    sign_up_marker(site, a_session(site.registration))
    for _time in range(2):
        request = erase(site)
        site.settle(LATER)
        assert site.request(request.id).finished_at == LATER
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_of_an_address_that_two_share_only_the_one_who_is_named_is_erased(site: Site) -> None:
    sign_up_marker(site, a_session(site.registration), email="office@example.org")
    other = signed_up(
        site.registration, a_session(site.registration), "Ana Roy", email="office@example.org"
    )
    site.settle(NOW)
    with pytest.raises(AddressIsShared, match="Quillmarker"):
        site.who("office@example.org")
    erase(site, "office@example.org", name="zofia quillmarker")
    site.settle(LATER)
    assert where_is(site, "Quillmarker", "5550199") == {"Quillmarker": set(), "5550199": set()}
    names = {each.name: each.person.email for each in site.places()}
    assert names == {NOBODY: "", "Ana Roy": "office@example.org"}
    mails = [each for each in deliveries(site) if each.subject_id == other.registration.id]
    assert [each.recipient_email for each in mails] == ["office@example.org"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_whoever_complained_is_not_written_to_again_though_nobody_knows_who(site: Site) -> None:
    with site.notify.database.writing() as db:
        suppress(db, EMAIL, stream=ALL, reason="spam_report", words=EMAIL, now=NOW)
    erase(site)
    site.settle(LATER)
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    with site.notify.database.reading() as db:
        [kept] = db.scalars(sa.select(Suppression))
        assert kept.address_key.startswith("sha256:")
        assert suppression_of(db, EMAIL.upper(), ALL, LATER) is not None
        assert suppression_of(db, "another@example.org", ALL, LATER) is None


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_of_staff_the_account_and_their_work_stay(site: Site) -> None:
    with site.registration.database.writing() as db:
        add_staff(
            db,
            name=NAME,
            email=EMAIL,
            role="coordinator",
            password="a long enough password",
            now=NOW,
        )
    session_id = a_session(site.registration)
    sign_up_marker(site, session_id)
    with site.registration.database.writing() as db:
        contact = {"name": NAME, "email": EMAIL, "language": "en"}
        add_recipient(db, lock_session(db, session_id), contact, actor=NAME, now=NOW)
    site.settle(NOW)
    erase(site)
    site.settle(LATER)
    left = where_is(site, EMAIL)[EMAIL]
    assert {each for each in left if "staff" not in each and "outbox" not in each} == {
        "registration.roster_recipient.email",
        "registration.roster_recipient.email_key",
    }
    assert where_is(site, "5550199")["5550199"] == set()


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_somebody_who_comes_back_is_known_again(site: Site) -> None:
    sign_up_marker(site, a_session(site.registration))
    site.settle(NOW)
    request = erase(site)
    site.settle(LATER, without="notify")
    again = sign_up_marker(site, a_session(site.registration), now=LATER + timedelta(minutes=1))
    site.settle(LATER + timedelta(minutes=2))
    assert site.request(request.id).finished_at
    back = [each for each in site.places() if each.id == again.registration.id]
    assert [(each.name, each.person.email) for each in back] == [(NAME, EMAIL)]
    mails = [each for each in deliveries(site) if each.subject_id == again.registration.id]
    assert [(each.recipient_email, each.state) for each in mails] == [(EMAIL, "accepted")]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_another_address_that_ends_alike_is_left_alone(site: Site) -> None:
    other = signed_up(site.registration, a_session(site.registration), "Jo Roy", email=f"a.{EMAIL}")
    sign_up_marker(site, a_session(site.registration))
    site.settle(NOW)
    erase(site)
    site.settle(LATER)
    assert {each.person.email for each in site.places()} == {"", f"a.{EMAIL}"}
    mails = [each for each in deliveries(site) if each.subject_id == other.registration.id]
    assert mails[0].context["recipient"]["email"] == f"a.{EMAIL}"
