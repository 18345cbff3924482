"""What registration does when a mail arrived, did not arrive, or is wanted no more."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.inbox import Handler
from services.contracts import Event
from services.contracts.messages import MESSAGE_BOUNCED, MESSAGE_DELIVERED, MESSAGE_UNSUBSCRIBED
from services.documents.printable import one_line
from services.registration.history import TURNOUT, note
from services.registration.models import LIVE, Person, Registration, WorkshopSession
from services.registration.places import UnknownRegistration, lock_registration
from services.registration.seats import is_over
from services.registration.tasks import LONGEST_WORDS, MAIL_BOUNCED, open_task, settle_about

SESSION_CANCELLED_MAIL = "notice_cancelled"
"""The kind of mail without which somebody would travel to a session that is not held."""


def on_message_bounced(db: Session, event: Event, now: datetime) -> None:
    """Mark the person whose mail did not arrive, and let staff see to it.

    A report that is older than a later arrival changes nothing, nor does one about an address
    that the registration no longer has.
    """
    facts = event.data
    if facts["registration_id"] is None:
        _bounced_for_others(db, facts, now)
        return
    found = _locked(db, facts["registration_id"])
    person = _person_at(db, facts["email"])
    if person is None or not _mark(person, facts) or found is None:
        return
    session, registration = found
    if registration.person_id == person.id:
        _bounced_for(db, session, registration, facts, now)


def on_message_delivered(db: Session, event: Event, now: datetime) -> None:
    """Take back a mark that is older, and close the tasks that asked to see to it."""
    at, email = event.data["at"], event.data["email"]
    done = {"before": at, "actor": TURNOUT, "now": now}
    person = _person_at(db, email)  # Before any task, as everywhere.
    settle_about(db, MAIL_BOUNCED, about=email, **done)
    if person is None:
        return
    person.mail_arrived_at = max(at, person.mail_arrived_at or at)
    if person.mail_failed_at is not None and person.mail_failed_at < at:
        person.mail_failure, person.mail_failed_at = "", None
        settle_about(db, MAIL_BOUNCED, _registrations_of(db, person), **done)


def on_unsubscribed(db: Session, event: Event, now: datetime) -> None:
    """Announce no more new workshops to somebody, unless they have agreed anew since."""
    person = _person_at(db, event.data["email"])
    agreed = person.announcements_since if person else None
    if person is not None and agreed is not None and agreed <= event.data["at"]:
        person.announcements_since = None


MAIL_HANDLERS: dict[str, Handler] = {
    MESSAGE_BOUNCED.type: on_message_bounced,
    MESSAGE_DELIVERED.type: on_message_delivered,
    MESSAGE_UNSUBSCRIBED.type: on_unsubscribed,
}


def _bounced_for(
    db: Session,
    session: WorkshopSession,
    registration: Registration,
    facts: dict[str, Any],
    now: datetime,
) -> None:
    words = _words(facts)
    note(db, registration, "mail_failed", now=now, actor=TURNOUT, reason=words)
    matters = registration.state in LIVE or facts["kind"] == SESSION_CANCELLED_MAIL
    if matters and not is_over(session, now):
        open_task(
            db,
            MAIL_BOUNCED,
            session_id=session.id,
            registration_id=registration.id,
            words=words,
            since=facts["at"],
        )


def _bounced_for_others(db: Session, facts: dict[str, Any], now: datetime) -> None:
    """Mail about no registration: a roster, a digest, or an announcement, which can be missed."""
    session_id = facts["session_id"]
    session = locked(db, WorkshopSession, session_id) if session_id else None
    person = _person_at(db, facts["email"])
    if person is not None and (not _mark(person, facts) or session is None):
        return
    if session is None or not is_over(session, now):
        open_task(
            db,
            MAIL_BOUNCED,
            session_id=session.id if session else None,
            about=facts["email"],
            words=_words(facts),
            since=facts["at"],
        )


def _mark(person: Person, facts: dict[str, Any]) -> bool:
    """Keep the newest failure; False when a later mail has arrived."""
    at = facts["at"]
    if person.mail_arrived_at is not None and person.mail_arrived_at > at:
        return False
    if person.mail_failed_at is None or person.mail_failed_at <= at:
        person.mail_failure, person.mail_failed_at = _words(facts), at
    return True


def _words(facts: dict[str, Any]) -> str:
    """The provider's words; without any, the reason's code, which pages put into words."""
    return one_line(facts["words"])[:LONGEST_WORDS] or str(facts["reason"])


def _locked(db: Session, registration_id: UUID) -> tuple[WorkshopSession, Registration] | None:
    try:
        return lock_registration(db, registration_id)
    except UnknownRegistration:
        return None


def _person_at(db: Session, email: str) -> Person | None:
    """Whoever has this address now, nobody else writing about them meanwhile."""
    query = sa.select(Person).where(Person.email_key == email.casefold())
    return db.scalar(query.with_for_update().execution_options(populate_existing=True))


def _registrations_of(db: Session, person: Person) -> list[UUID]:
    query = sa.select(Registration.id).where(Registration.person_id == person.id)
    return list(db.scalars(query))
