"""What the clock does in registration: offers, reminders, rosters and closed lines that are due."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.links import Links
from services.chassis.log import logger
from services.chassis.service import Loop, Runtime
from services.contracts.registrations import (
    OFFER_EXPIRING,
    REGISTRATION_CLOSED,
    REGISTRATION_LAPSED,
    REMINDER_DUE,
)
from services.registration.history import TURNOUT, note
from services.registration.models import (
    CLOSED,
    CONFIRMED,
    LAPSED,
    OFFERED,
    WAITING,
    Registration,
    RosterSending,
    WorkshopSession,
)
from services.registration.places import lock_registration
from services.registration.rosters import (
    DAY_BEFORE,
    OCCASIONS,
    THREE_DAYS,
    has_changed_since,
    roster_moment,
    send_roster,
)
from services.registration.seats import (
    announce_seats,
    end,
    fill_seats,
    is_open,
    lock_session,
)
from services.registration.telling import facts_of, tell
from services.registration.waitlist import half_time

DAYS_AHEAD = timedelta(days=4)
_BATCH = 100

log = logger(__name__)


def run_offers(runtime: Runtime, now: datetime) -> int:
    """Lapse, remind and close what is due; returns how many there were."""
    with runtime.database.reading() as db:
        matters = [
            *_each(lapse_offer, _expired_offers(db, now)),
            *_each(remind_of_offer, _half_gone_offers(db, now)),
            *_each(close_line, _closed_with_line(db, now)),
        ]
    return _do(runtime, matters, now)


def run_days_before(runtime: Runtime, now: datetime) -> int:
    """Send the reminders and rosters of the sessions that are near; returns how many."""
    with runtime.database.reading() as db:
        near = _starting_soon(db, now)
    roster = partial(send_due_roster, links=Links(runtime.settings))
    return _do(runtime, [*_each(send_reminders, near), *_each(roster, near)], now)


LOOPS = (Loop("offers", 1.0, run_offers), Loop("days before", 20.0, run_days_before))


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


def send_reminders(db: Session, session_id: UUID, now: datetime) -> int:
    """Remind the confirmed three days before; who was confirmed later knows it all already."""
    session = lock_session(db, session_id)
    moment = roster_moment(session, 3)
    if session.status != "published" or not moment <= now < session.starts_at:
        return 0
    query = sa.select(Registration).where(
        Registration.session_id == session_id,
        Registration.state == CONFIRMED,
        Registration.reminded_at.is_(None),
        Registration.confirmed_at < moment,
    )
    due = db.scalars(query.limit(_BATCH)).all()
    for registration in due:
        registration.reminded_at = now
        tell(db, REMINDER_DUE, registration, now=now)
    return len(due)


def send_due_roster(db: Session, session_id: UUID, now: datetime, *, links: Links) -> int:
    """Send the roster three days before, and the day before if it has changed since."""
    session = lock_session(db, session_id)
    if session.status != "published" or now >= session.starts_at:
        return 0
    for occasion, days in OCCASIONS.items():
        sent = db.get(RosterSending, (session_id, occasion)) is not None
        if sent or now < roster_moment(session, days):
            continue
        if occasion == DAY_BEFORE and not has_changed_since(db, session, THREE_DAYS):
            continue
        return int(send_roster(db, session, occasion, links=links, now=now) > 0)
    return 0


Step = Callable[[Session, UUID, datetime], int]


def _do(runtime: Runtime, matters: list[tuple[Step, UUID]], now: datetime) -> int:
    """Each thing in a transaction of its own: one that fails holds up no other.

    Raises the first failure when all have had their turn, for the clock to write it down.
    """
    done, failures = 0, []
    for step, key in matters:
        try:
            with runtime.database.writing() as db:
                done += step(db, key, now)
        except sa.exc.OperationalError:
            raise  # The database is away or busy, for the others as well.
        except Exception as problem:
            log.exception("due step failed", key=str(key))
            failures.append(problem)
    if failures:
        raise failures[0]
    return done


def _each(step: Step, keys: Iterable[UUID]) -> list[tuple[Step, UUID]]:
    return [(step, key) for key in keys]


def _expired_offers(db: Session, now: datetime) -> Iterable[UUID]:
    query = sa.select(Registration.id).where(
        Registration.state == OFFERED, Registration.offered_until <= now
    )
    return db.scalars(query.order_by(Registration.offered_until).limit(_BATCH)).all()


def _half_gone_offers(db: Session, now: datetime) -> Iterable[UUID]:
    columns = (Registration.id, Registration.offered_at, Registration.offered_until)
    query = sa.select(*columns).where(
        Registration.state == OFFERED,
        Registration.offered_until > now,
        Registration.offer_reminded_at.is_(None),
    )
    rows = db.execute(query)
    return [key for key, since, until in rows if since and until and half_time(since, until) <= now]


def _closed_with_line(db: Session, now: datetime) -> Iterable[UUID]:
    query = sa.select(Registration.session_id).join(Registration.session)
    closed = sa.or_(WorkshopSession.closes_at <= now, WorkshopSession.starts_at <= now)
    found = db.scalars(query.where(Registration.state == WAITING, closed).distinct()).all()
    return [key for key in found if not is_open(db.get_one(WorkshopSession, key), now)]


def _starting_soon(db: Session, now: datetime) -> Iterable[UUID]:
    return db.scalars(
        sa.select(WorkshopSession.id).where(
            WorkshopSession.status == "published",
            WorkshopSession.starts_at > now,
            WorkshopSession.starts_at < now + DAYS_AHEAD,
        )
    ).all()


def _next_sessions(db: Session, session: WorkshopSession, now: datetime) -> list[dict[str, object]]:
    query = sa.select(WorkshopSession).where(
        WorkshopSession.workshop_id == session.workshop_id,
        WorkshopSession.id != session.id,
        WorkshopSession.status == "published",
        WorkshopSession.closes_at > now,
    )
    rows = db.scalars(query.order_by(WorkshopSession.starts_at).limit(3))
    return [facts_of(each) for each in rows]
