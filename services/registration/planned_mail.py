"""The plan of a session's mail: what goes out when, kept in step, switched and moved by staff."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.registration.history import note
from services.registration.models import Registration, WorkshopSession
from services.registration.schedule import AFTER_CLOSE, REMINDER, Times, is_night, moments
from services.registration.seats import lock_session
from services.registration.sending_models import PlannedMail
from services.registration.telling import facts_of
from services.registration.working_days import holidays_of

SENT, UNCHANGED, COVERED = "sent", "unchanged", "covered"
NOBODY, TOO_LATE = "nobody", "too_late"
OUTCOMES = (SENT, UNCHANGED, COVERED, NOBODY, TOO_LATE)
"""What came of a planned mail.

The roster had not changed; another roster went out in its stead; there was nobody to remind;
the session had begun.
"""


class CannotPlan(Exception):
    """A mail that cannot be switched or moved so; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def plan(
    db: Session, session: WorkshopSession, before: dict[str, Any] | None, *, now: datetime
) -> None:
    """Bring the plan in step with the session, which the caller has locked.

    `before` is what was known of it until now. A moment that staff have set stays, unless the
    session begins before it. What is done is planned anew where its moment has moved ahead.
    """
    if session.status != "published":
        _drop(db, planned_of(db, session.id))
        return
    if session.starts_at <= now:
        return  # What is still undone will be found too late when it is due.
    due = moments(_times(facts_of(session)))
    old = moments(_times(before)) if before else due
    rows = {each.occasion: each for each in planned_of(db, session.id)}
    for occasion, moment in due.items():
        is_new = old.get(occasion) != moment
        if (row := rows.get(occasion)) is not None:
            _keep_in_step(db, session, row, moment, is_new=is_new, now=now)
        elif is_new or moment > now or occasion != AFTER_CLOSE:
            db.add(_planned(session.id, occasion, moment))
    _drop(db, [each for each in rows.values() if each.occasion not in due and _is_ours(each)])


def planned_of(db: Session, session_id: UUID) -> list[PlannedMail]:
    """The mails of a session, in the order in which they are due."""
    query = sa.select(PlannedMail).where(PlannedMail.session_id == session_id)
    return list(db.scalars(query.order_by(PlannedMail.due_at, PlannedMail.occasion)))


def switch(
    db: Session, session_id: UUID, occasion: str, *, is_on: bool, actor: str, now: datetime
) -> None:
    """Let a planned mail go out or not; CannotPlan: unknown, done. Twice changes nothing."""
    session, row = _lock(db, session_id, occasion)
    if row.is_on != is_on:
        row.is_on = is_on
        note(db, session, f"{occasion}_{'on' if is_on else 'off'}", now=now, actor=actor)


def set_moment(
    db: Session, session_id: UUID, occasion: str, due_at: datetime, *, actor: str, now: datetime
) -> None:
    """Let a planned mail go out at another moment.

    It may be in any zone, for the last evening of the calendar has no UTC. CannotPlan: unknown,
    done, past, begun; for mail to members also night.
    """
    session, row = _lock(db, session_id, occasion)
    zone = zone_of(session)
    if due_at == row.due_at:
        return
    if due_at <= now:
        raise CannotPlan("past")
    if due_at >= session.starts_at:
        raise CannotPlan("begun")
    if occasion == REMINDER and is_night(due_at, zone):
        raise CannotPlan("night")
    moved = " → ".join(f"{each.astimezone(zone):%Y-%m-%d %H:%M}" for each in (row.due_at, due_at))
    row.due_at, row.edited_by = due_at.astimezone(UTC), actor
    note(db, session, f"{occasion}_moved", now=now, actor=actor, reason=moved)


def finish(row: PlannedMail, outcome: str, now: datetime) -> None:
    """Note what came of a planned mail."""
    row.done_at, row.outcome = now, outcome


def zone_of(session: WorkshopSession) -> ZoneInfo:
    """Where the session's clocks are."""
    return ZoneInfo(session.facts["zone"])


def _times(facts: dict[str, Any]) -> Times:
    return Times(
        first_day=facts["days"][0]["date"],
        closes_at=facts["closes_at"],
        zone=ZoneInfo(facts["zone"]),
        is_holiday=holidays_of(facts["province"]),
    )


def _planned(session_id: UUID, occasion: str, moment: datetime) -> PlannedMail:
    return PlannedMail(session_id=session_id, occasion=occasion, due_at=moment)


def _keep_in_step(
    db: Session,
    session: WorkshopSession,
    row: PlannedMail,
    moment: datetime,
    *,
    is_new: bool,
    now: datetime,
) -> None:
    if row.done_at is None:
        if not row.edited_by or row.due_at >= session.starts_at:
            row.due_at, row.edited_by = moment, ""
    elif is_new and moment > now:
        row.due_at, row.edited_by, row.done_at = moment, "", None
        row.content_version, row.outcome = "", ""
    if row.occasion == REMINDER and is_new and moment > now:
        # Whoever was reminded of the old date, if only half of them, is reminded of the new one.
        reminded = (Registration.session_id == session.id, Registration.reminded_at.is_not(None))
        db.execute(sa.update(Registration).where(*reminded).values(reminded_at=None))


def _is_ours(row: PlannedMail) -> bool:
    """Whether nobody among staff has had a hand in it."""
    return row.is_on and not row.edited_by


def _drop(db: Session, rows: list[PlannedMail]) -> None:
    """Take out of the plan what is not done; what is done stays for the record."""
    for row in rows:
        if row.done_at is None:
            db.delete(row)


def _lock(db: Session, session_id: UUID, occasion: str) -> tuple[WorkshopSession, PlannedMail]:
    session = lock_session(db, session_id)
    row = db.get(PlannedMail, (session_id, occasion), populate_existing=True)
    if row is None:
        raise CannotPlan("unknown")
    if row.done_at is not None:
        raise CannotPlan("done")
    return session, row
