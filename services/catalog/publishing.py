"""Publishing a session, cancelling it, and changing how many seats it has."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.catalog.editing import find_locked
from services.catalog.facts import session_facts
from services.catalog.history import FieldChange, record
from services.catalog.models import CANCELLED, DRAFT, PUBLISHED, WorkshopSession
from services.catalog.publication import announcing, reasons_against, seats_are_possible
from services.catalog.refusals import NotChangeable, NotPublishable, ReasonMissing
from services.catalog.schedule import next_calendar_sequence
from services.chassis.outbox import publish
from services.contracts.sessions import SESSION_CANCELLED, SESSION_PUBLISHED


def publish_session(db: Session, session_id: UUID, *, actor: str, now: datetime) -> WorkshopSession:
    """Show a draft to the public and open its sign-up; NotPublishable names all that is missing."""
    session = find_locked(db, session_id)
    if session.status != DRAFT:
        raise NotChangeable(session.status)
    if reasons := reasons_against(session, now):
        raise NotPublishable(reasons)
    session.status, session.published_at = PUBLISHED, now
    data = session_facts(session, actor=actor)
    publish(db, SESSION_PUBLISHED, subject=session.id, data=data, now=now)
    record(db, session, "published", actor=actor, now=now)
    return session


def cancel_session(
    db: Session, session_id: UUID, *, reason: str, actor: str, now: datetime
) -> WorkshopSession:
    """Call a published session off; it stays in the calendar, marked as cancelled."""
    session = find_locked(db, session_id)
    if session.status != PUBLISHED:
        raise NotChangeable(session.status)
    if not reason:
        raise ReasonMissing
    session.status, session.cancelled_at, session.cancel_reason = CANCELLED, now, reason
    session.calendar_sequence = next_calendar_sequence(session, now)
    data = session_facts(session, actor=actor, reason=reason)
    publish(db, SESSION_CANCELLED, subject=session.id, data=data, now=now)
    record(db, session, "cancelled", actor=actor, now=now, reason=reason)
    return session


def change_capacity(
    db: Session, session_id: UUID, *, capacity: int, reason: str, actor: str, now: datetime
) -> WorkshopSession:
    """Give a draft or a published session another number of seats, from 1 to 10,000."""
    session = find_locked(db, session_id)
    if session.status not in (DRAFT, PUBLISHED):
        raise NotChangeable(session.status)
    if not seats_are_possible(capacity):
        raise NotChangeable("capacity_out_of_range")
    if not reason:
        raise ReasonMissing
    change = FieldChange("capacity", str(session.capacity or ""), str(capacity))
    with announcing(db, [session], actor=actor, reason=reason, now=now):
        session.capacity = capacity
    record(db, session, "changed", actor=actor, now=now, changes=[change], reason=reason)
    return session
