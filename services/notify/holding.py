"""Mail that is held until somebody says yes: it may be late news, or have gone out before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.database_facts import RESTORED, DatabaseFact
from services.chassis.read_once import read_once
from services.contracts import Event
from services.notify.models import HELD, UNDER_WAY, Delivery

NEWS_FOR = timedelta(hours=24)
MAY_REPEAT_FOR = timedelta(days=7)
"""How long after a restore of registration its mail is compared with what went out before."""

LATE_NEWS = "Held: the news reached us more than a day late."
MAYBE_SENT = "Held: it may have gone out before the data were restored."
MAYBE_REPEATED = "Held: one like it went out in the hours that registration has lost."
DECIDED_AGAINST = "Not sent: it was held, and somebody decided against it."

_RESTORES = sa.select(DatabaseFact.name, DatabaseFact.at, DatabaseFact.told).where(
    DatabaseFact.name.startswith(RESTORED)
)


def why_hold(db: Session, event: Event, kind: str, subject_id: UUID, now: datetime) -> str:
    """Why a mail must not go out without a yes; empty when it may."""
    ours, theirs = f"{RESTORED} notify", f"{RESTORED} {event.source}"
    restores = {each.name: each for each in read_once(db, _RESTORES)}
    if _was_lost_here(restores.get(ours), event):
        return MAYBE_SENT
    if now - event.time > NEWS_FOR:
        return LATE_NEWS
    is_repeated = _went_out_before(db, restores.get(theirs), event, kind, subject_id)
    return MAYBE_REPEATED if is_repeated else ""


def hold_under_way(db: Session) -> None:
    """Hold what a restored database believes unsent: it was sent, most likely, since its backup."""
    db.execute(
        sa.update(Delivery)
        .where(Delivery.state.in_(UNDER_WAY))
        .values(state=HELD, error=MAYBE_SENT)
    )


def _was_lost_here(restored: sa.Row[Any] | None, event: Event) -> bool:
    """Whether the event is older than the restore of our own data."""
    return restored is not None and event.time <= restored.at


def _went_out_before(
    db: Session, restored: sa.Row[Any] | None, event: Event, kind: str, subject_id: UUID
) -> bool:
    """Whether registration, set back, calls for what it called for in the hours it has lost."""
    if restored is None or not restored.at < event.time <= restored.at + MAY_REPEAT_FOR:
        return False
    lost = (
        Delivery.event_time > datetime.fromisoformat(restored.told),
        Delivery.event_time <= restored.at,
    )
    like_it = (Delivery.subject_id == subject_id, Delivery.kind == kind)
    return db.scalar(sa.select(Delivery.id).where(*like_it, *lost).limit(1)) is not None
