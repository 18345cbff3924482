"""What becomes of a planned mail when it is due: reminders to members, rosters to those at work."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.links import Links
from services.contracts.registrations import REMINDER_DUE
from services.registration.models import CONFIRMED, Registration, WorkshopSession
from services.registration.planned_mail import (
    COVERED,
    NOBODY,
    SENT,
    TOO_LATE,
    UNCHANGED,
    finish,
    plan,
    zone_of,
)
from services.registration.roster_recipients import recipients_of
from services.registration.rosters import roster_version, send_roster
from services.registration.schedule import (
    AFTER_CLOSE,
    DAY_BEFORE,
    REMINDER,
    ROSTERS,
    THREE_DAYS,
    is_night,
)
from services.registration.seats import lock_session
from services.registration.sending_models import PlannedMail
from services.registration.telling import tell

_BATCH = 100
_REMINDED = Registration.reminded_at.is_not(None)


def sessions_without_plan(db: Session, now: datetime) -> Sequence[UUID]:
    """The sessions to come that were published before there were plans."""
    planned = sa.exists().where(
        PlannedMail.session_id == WorkshopSession.id, PlannedMail.occasion == REMINDER
    )
    query = sa.select(WorkshopSession.id).where(
        WorkshopSession.status == "published", WorkshopSession.starts_at > now, ~planned
    )
    return db.scalars(query).all()


def sessions_to_remind(db: Session, now: datetime) -> Sequence[UUID]:
    """The sessions whose reminder is due."""
    return _sessions_due(db, (REMINDER,), now)


def sessions_to_list(db: Session, now: datetime) -> Sequence[UUID]:
    """The sessions of which a roster is due."""
    return _sessions_due(db, ROSTERS, now)


def make_plan(db: Session, session_id: UUID, now: datetime) -> int:
    """Plan the mails of a session that has none."""
    plan(db, lock_session(db, session_id), None, now=now)
    return 1


def send_reminders(db: Session, session_id: UUID, now: datetime) -> int:
    """Remind the next hundred of the confirmed; who was confirmed later knows it all already.

    A reminder that is late does not go out at night but in the morning.
    """
    session = lock_session(db, session_id)
    rows = _due(db, session_id, (REMINDER,), now)
    if _are_too_late(session, rows, now):
        return len(rows)
    if not rows or is_night(now, zone_of(session)):
        return 0
    (row,) = rows
    due = _not_reminded(db, session_id, row.due_at)
    for registration in due:
        registration.reminded_at = now
        tell(db, REMINDER_DUE, registration, now=now)
    if len(due) < _BATCH:
        finish(row, SENT if _count(db, session_id, _REMINDED) else NOBODY, now)
    return len(due) or 1


def send_rosters(db: Session, session_id: UUID, now: datetime, *, links: Links) -> int:
    """Send the roster that is due; of several at once, one.

    That of the day before goes out only if it has changed since the last. While nobody gets the
    roster, it waits for somebody to go to.
    """
    session = lock_session(db, session_id)
    rows = _due(db, session_id, ROSTERS, now)
    if not rows or _are_too_late(session, rows, now):
        return len(rows)
    known, version = _last_version(db, session_id), roster_version(db, session)
    due = {each.occasion: each for each in rows}
    chosen = due.get(THREE_DAYS) or due.get(DAY_BEFORE) or due[AFTER_CLOSE]
    if chosen.occasion == DAY_BEFORE and known == version:
        finish(chosen, UNCHANGED, now)
    else:
        # What is sent for the first time has not changed, whatever the day.
        is_first = chosen.occasion == DAY_BEFORE and not known
        occasion = THREE_DAYS if is_first else chosen.occasion
        if not send_roster(db, session, occasion, links=links, now=now):
            return 0
        chosen.content_version = version
        finish(chosen, SENT, now)
    for row in rows:
        if row is not chosen:
            finish(row, COVERED, now)
    return len(rows)


def readers_of(db: Session, row: PlannedMail) -> int:
    """How many get a planned mail as things are, or have had their reminder."""
    if row.occasion != REMINDER:
        return len(recipients_of(db, row.session_id))
    wanted = Registration.state == CONFIRMED if row.done_at is None else _REMINDED
    return _count(db, row.session_id, wanted)


def _sessions_due(db: Session, occasions: Sequence[str], now: datetime) -> Sequence[UUID]:
    query = sa.select(PlannedMail.session_id).where(*_is_due(occasions, now))
    return db.scalars(query.distinct()).all()


def _due(
    db: Session, session_id: UUID, occasions: Sequence[str], now: datetime
) -> Sequence[PlannedMail]:
    """As the rows are now, for another clock may have been here."""
    query = sa.select(PlannedMail).where(
        PlannedMail.session_id == session_id, *_is_due(occasions, now)
    )
    return db.scalars(query.execution_options(populate_existing=True)).all()


def _is_due(occasions: Sequence[str], now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        PlannedMail.done_at.is_(None),
        PlannedMail.due_at <= now,
        PlannedMail.is_on.is_(True),
        PlannedMail.occasion.in_(occasions),
    )


def _are_too_late(session: WorkshopSession, rows: Sequence[PlannedMail], now: datetime) -> bool:
    """Give up what is due of a session that has begun; whether that was so."""
    has_begun = now >= session.starts_at
    for row in rows if has_begun else ():
        finish(row, TOO_LATE, now)
    return has_begun


def _not_reminded(db: Session, session_id: UUID, due_at: datetime) -> Sequence[Registration]:
    query = sa.select(Registration).where(
        Registration.session_id == session_id,
        Registration.state == CONFIRMED,
        Registration.reminded_at.is_(None),
        Registration.confirmed_at < due_at,
    )
    return db.scalars(query.limit(_BATCH)).all()


def _last_version(db: Session, session_id: UUID) -> str:
    """What the roster said that was sent last; empty before the first."""
    query = sa.select(PlannedMail.content_version).where(
        PlannedMail.session_id == session_id, PlannedMail.content_version != ""
    )
    return db.scalar(query.order_by(PlannedMail.done_at.desc()).limit(1)) or ""


def _count(db: Session, session_id: UUID, wanted: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Registration)
    return db.scalar(query.where(Registration.session_id == session_id, wanted)) or 0
