"""What registration does when the catalog publishes, changes or cancels a session."""

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new, locked
from services.contracts import Event
from services.contracts.registrations import SESSION_NOTICE
from services.registration.history import TURNOUT, note
from services.registration.models import CANCELLED, CONFIRMED, LIVE, Registration, WorkshopSession
from services.registration.planned_mail import plan
from services.registration.roster_recipients import keep_in_step
from services.registration.seats import announce_seats, end, fill_seats
from services.registration.telling import FACTS, facts_of, tell

_MOVED = ("days", "zone", "online", "place", "room")


def on_session(db: Session, event: Event, now: datetime) -> None:
    """Take over the session as the event tells it; an older event changes nothing."""
    session, before = _keep(db, event)
    if session is None:
        return
    keep_in_step(db, session, before, now=now)
    plan(db, session, before, now=now)
    if before is None:
        announce_seats(db, session, now)
    elif event.data["status"] == "cancelled" != before["status"]:
        _cancel(db, session, event.data, before, now)
    else:
        _note_change(db, session, event.data, before, now)
        fill_seats(db, session, now)


def _keep(db: Session, event: Event) -> tuple[WorkshopSession | None, dict[str, Any] | None]:
    """Store the facts; returns the session and what was known before, if anything."""
    columns = _columns(event)
    if insert_new(db, WorkshopSession, id=event.data["session_id"], **columns):
        return db.get_one(WorkshopSession, event.data["session_id"]), None
    session = locked(db, WorkshopSession, event.data["session_id"])
    if session is None or event.sequence <= session.sequence:
        return None, None
    before = facts_of(session)
    for name, value in columns.items():
        setattr(session, name, value)
    return session, before


def _columns(event: Event) -> dict[str, Any]:
    facts = event.data
    first, zone = facts["days"][0], ZoneInfo(facts["zone"])
    starts = datetime.combine(first["date"], first["starts"] or time(0), zone)
    return {
        "workshop_id": facts["workshop_id"],
        "sequence": event.sequence,
        "status": facts["status"],
        "capacity": facts["capacity"],
        "starts_at": starts.astimezone(UTC),
        "ends_on": max(day["date"] for day in facts["days"]),
        "closes_at": facts["closes_at"],
        "auto_promote": facts["auto_promote"],
        "area": facts.get("area", ""),
        "facts": FACTS.dump(facts),
    }


def _note_change(
    db: Session,
    session: WorkshopSession,
    facts: dict[str, Any],
    before: dict[str, Any],
    now: datetime,
) -> None:
    actor = facts["actor"] or TURNOUT
    if facts["capacity"] != before["capacity"]:
        numbers = f"{before['capacity']} → {facts['capacity']}"
        reason = " · ".join(each for each in (numbers, facts["reason"]) if each)
        note(db, session, "capacity_changed", now=now, actor=actor, reason=reason)
    moved = any(facts[name] != before[name] for name in _MOVED)
    new_link = facts["join_link"] != before["join_link"]
    if moved:
        note(db, session, "rescheduled", now=now, actor=actor, reason=facts["reason"])
    for registration in _live(db, session):
        if moved or (new_link and registration.state == CONFIRMED):
            tell(db, SESSION_NOTICE, registration, now=now, change="changed", before=before)


def _cancel(
    db: Session,
    session: WorkshopSession,
    facts: dict[str, Any],
    before: dict[str, Any],
    now: datetime,
) -> None:
    actor = facts["actor"] or TURNOUT
    note(db, session, "session_cancelled", now=now, actor=actor, reason=facts["reason"])
    for registration in _live(db, session):
        end(registration, CANCELLED, now)
        note(db, registration, CANCELLED, now=now, actor=actor, reason=facts["reason"])
        tell(db, SESSION_NOTICE, registration, now=now, change="cancelled", before=before)
    announce_seats(db, session, now)


def _live(db: Session, session: WorkshopSession) -> list[Registration]:
    query = sa.select(Registration).where(
        Registration.session_id == session.id, Registration.state.in_(LIVE)
    )
    return list(db.scalars(query.order_by(Registration.arrival)))
