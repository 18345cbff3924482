"""Offers and lines that have come to their end: what is due of them, and what is done then."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts.registrations import (
    OFFER_EXPIRING,
    REGISTRATION_CLOSED,
    REGISTRATION_LAPSED,
)
from services.registration.history import TURNOUT, note
from services.registration.models import (
    CLOSED,
    LAPSED,
    OFFERED,
    WAITING,
    Registration,
    WorkshopSession,
)
from services.registration.places import lock_registration
from services.registration.schedule import is_night, offer_reminder
from services.registration.seats import announce_seats, end, fill_seats, is_open, lock_session
from services.registration.telling import facts_of, tell

_BATCH = 100


def lapse_offer(db: Session, registration_id: UUID, now: datetime) -> int:
    """End an offer whose deadline has passed, and give the seat to the next."""
    session, registration = lock_registration(db, registration_id)
    until = registration.offered_until
    if registration.state != OFFERED or until is None or until > now:
        return 0
    end(registration, LAPSED, now)
    note(db, registration, LAPSED, now=now, actor=TURNOUT)
    tell(db, REGISTRATION_LAPSED, registration, now=now)
    fill_seats(db, session, now)
    return 1


def remind_of_offer(db: Session, registration_id: UUID, now: datetime) -> int:
    """Remind somebody at half time that a seat is kept for them."""
    _session, registration = lock_registration(db, registration_id)
    until = registration.offered_until
    if registration.state != OFFERED or registration.offer_reminded_at or until is None:
        return 0
    registration.offer_reminded_at = now
    tell(db, OFFER_EXPIRING, registration, now=now, until=until)
    return 1


def close_line(db: Session, session_id: UUID, now: datetime) -> int:
    """Tell everyone who still waits when registration has closed, with the next dates."""
    session = lock_session(db, session_id)
    if is_open(session, now):
        return 0
    query = sa.select(Registration).where(
        Registration.session_id == session_id, Registration.state == WAITING
    )
    waiting = db.scalars(query.order_by(Registration.arrival)).all()
    upcoming = _next_sessions(db, session, now)
    for registration in waiting:
        end(registration, CLOSED, now)
        note(db, registration, CLOSED, now=now, actor=TURNOUT)
        tell(db, REGISTRATION_CLOSED, registration, now=now, next_sessions=upcoming)
    announce_seats(db, session, now)
    return len(waiting)


def expired_offers(db: Session, now: datetime) -> Sequence[UUID]:
    """Offers whose deadline has passed."""
    query = sa.select(Registration.id).where(
        Registration.state == OFFERED, Registration.offered_until <= now
    )
    return db.scalars(query.order_by(Registration.offered_until).limit(_BATCH)).all()


def half_gone_offers(db: Session, now: datetime) -> Sequence[UUID]:
    """Offers whose reminder is due, and may go out at this hour."""
    zone = WorkshopSession.facts["zone"].as_string()
    columns = (Registration.id, Registration.offered_at, Registration.offered_until, zone)
    query = sa.select(*columns).join(Registration.session)
    rows = db.execute(
        query.where(
            Registration.state == OFFERED,
            Registration.offered_until > now,
            Registration.offer_reminded_at.is_(None),
        )
    )
    return [key for key, *offer in rows if _is_reminder_due(*offer, now=now)]


def closed_with_line(db: Session, now: datetime) -> Sequence[UUID]:
    """Sessions that have closed while people still wait."""
    query = sa.select(Registration.session_id).join(Registration.session)
    closed = sa.or_(WorkshopSession.closes_at <= now, WorkshopSession.starts_at <= now)
    found = db.scalars(query.where(Registration.state == WAITING, closed).distinct()).all()
    return [key for key in found if not is_open(db.get_one(WorkshopSession, key), now)]


def _is_reminder_due(
    since: datetime | None, until: datetime | None, zone_name: str, *, now: datetime
) -> bool:
    if since is None or until is None:
        return False
    zone = ZoneInfo(zone_name)
    moment = offer_reminder(since, until, zone)
    return moment is not None and moment <= now and not is_night(now, zone)


def _next_sessions(db: Session, session: WorkshopSession, now: datetime) -> list[dict[str, object]]:
    query = sa.select(WorkshopSession).where(
        WorkshopSession.workshop_id == session.workshop_id,
        WorkshopSession.id != session.id,
        WorkshopSession.status == "published",
        WorkshopSession.closes_at > now,
    )
    rows = db.scalars(query.order_by(WorkshopSession.starts_at).limit(3))
    return [facts_of(each) for each in rows]
