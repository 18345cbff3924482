"""The history: who did what, when and why, beside every change of a place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import table_of
from services.registration.models import HistoryEntry, Registration, WorkshopSession

MEMBER, TURNOUT = "member", "turnout"
_NOTE = sa.insert(table_of(HistoryEntry))


def entry_of(
    subject: Registration | WorkshopSession,
    action: str,
    *,
    now: datetime,
    actor: str,
    reason: str = "",
) -> dict[str, Any]:
    """The row of an entry about a registration, or about a whole session."""
    if isinstance(subject, Registration):
        session_id, registration_id = subject.session_id, subject.id
    else:
        session_id, registration_id = subject.id, None
    return {
        "session_id": session_id,
        "registration_id": registration_id,
        "at": now,
        "actor": actor,
        "action": action,
        "reason": reason,
    }


def note_all(db: Session, entries: Sequence[dict[str, Any]]) -> None:
    """Write entries, in their order."""
    if entries:
        db.execute(_NOTE, entries)


def note(db: Session, subject: Registration | WorkshopSession, action: str, **about: Any) -> None:
    """Write an entry; `about` is what `entry_of` takes: `now`, `actor`, `reason`."""
    note_all(db, [entry_of(subject, action, **about)])
