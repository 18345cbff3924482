"""The history: who did what, when and why, beside every change of a place."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import table_of
from services.registration.models import HistoryEntry, Registration, WorkshopSession

MEMBER, TURNOUT = "member", "turnout"
_NOTE = sa.insert(table_of(HistoryEntry))


def note(
    db: Session,
    subject: Registration | WorkshopSession,
    action: str,
    *,
    now: datetime,
    actor: str,
    reason: str = "",
) -> None:
    """Write an entry about a registration, or about a whole session."""
    if isinstance(subject, Registration):
        session_id, registration_id = subject.session_id, subject.id
    else:
        session_id, registration_id = subject.id, None
    entry = {
        "session_id": session_id,
        "registration_id": registration_id,
        "at": now,
        "actor": actor,
        "action": action,
        "reason": reason,
    }
    db.execute(_NOTE, entry)
