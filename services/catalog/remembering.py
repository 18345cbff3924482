"""A catalogue that was set back to an earlier moment takes over what it had told since.

Members and staff act on what was announced, so that stands: a day that was moved stays moved,
and a session that was called off stays off. What was never told, such as drafts, is lost.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.history import record
from services.catalog.models import CANCELLED, Venue, Workshop, WorkshopSession
from services.catalog.schedule import replace_days
from services.chassis.outbox import SubjectSequence
from services.contracts import Event

TURNOUT = "Turnout"
_SAME = (
    *("zone", "online", "room", "join_link", "language", "capacity", "fee_affiliate_cents"),
    *("fee_other_cents", "closes_at", "auto_promote", "facilitators", "host", "status"),
    "calendar_sequence",
)
_WORDS = ("title", "bring", "prerequisites")


def on_session_remembered(db: Session, event: Event, now: datetime) -> None:
    """Take over a session as we had told it, unless we know what we have told."""
    facts = event.data
    counted = db.get(SubjectSequence, str(facts["session_id"]))
    if counted is not None and counted.last >= facts["told_sequence"]:
        return
    session = db.get(WorkshopSession, facts["session_id"], with_for_update=True)
    if session is None:
        session = _made_anew(db, facts, now)
    _take_over(db, session, facts, now)
    record(db, session, "remembered", actor=TURNOUT, now=now, reason=facts["reason"])


def _made_anew(db: Session, facts: dict[str, Any], now: datetime) -> WorkshopSession:
    workshop = db.get(Workshop, facts["workshop_id"])
    if workshop is None:
        words = {f"{name}_{lang}": facts[name][lang] for name in _WORDS for lang in ("en", "fr")}
        workshop = Workshop(id=facts["workshop_id"], created_at=now, **words)
    session = WorkshopSession(id=facts["session_id"], workshop=workshop, created_at=now, version=0)
    session.zone, session.published_at = facts["zone"], now
    db.add(session)
    return session


def _take_over(db: Session, session: WorkshopSession, facts: dict[str, Any], now: datetime) -> None:
    for name in _SAME:
        setattr(session, name, facts[name])
    session.published_at = session.published_at or now
    if facts["status"] == CANCELLED:
        session.cancelled_at, session.cancel_reason = now, facts["reason"]
    if session.place != facts["place"]:
        session.venue = _venue(db, facts)
    replace_days(session, facts["days"])
    db.flush()


def _venue(db: Session, facts: dict[str, Any]) -> Venue:
    """The venue whose words these are, or one with all of them as its name."""
    same_province = sa.select(Venue).where(Venue.province == facts["province"])
    known = (each for each in db.scalars(same_province) if each.text == facts["place"])
    city = facts["place"].removesuffix(f", {facts['province']}")
    return next(known, None) or Venue(name=city, city="", province=facts["province"])
