"""The pause of all sending while the provider asks for a rest or cannot be reached."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new, locked, table_of
from services.notify.models import ProviderPause

SHORTEST = timedelta(seconds=5)
LONGEST_AWAY = timedelta(minutes=1)
LONGEST = timedelta(minutes=5)
FOLLOWS_ON_WITHIN = timedelta(minutes=1)
_ONLY_ROW = 1


def pause_all(db: Session, words: str, *, wish: datetime | None, now: datetime) -> None:
    """Send nothing until the provider's wish, or, without one, for half as long as it is away.

    So a short outage is over soon after its end, and a long one costs few attempts. Of two
    pauses the longer is kept.
    """
    insert_new(db, ProviderPause, id=_ONLY_ROW, since=now, until=now, words=words)
    pause = locked(db, ProviderPause, _ONLY_ROW)
    if pause is None:
        raise LookupError("the provider's pause vanished while it was locked")
    if now - pause.until > FOLLOWS_ON_WITHIN:
        pause.since = now
    away = min(max((now - pause.since) / 2, SHORTEST), LONGEST_AWAY)
    until = now + away if wish is None else min(wish, now + LONGEST)
    if until > pause.until:
        pause.until, pause.words = until, words


def pause_at(db: Session, now: datetime) -> ProviderPause | None:
    """The pause that is on just now."""
    pause = db.get(ProviderPause, _ONLY_ROW)
    return pause if pause is not None and pause.until > now else None


def is_paused(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """The same as a condition of a query."""
    pauses = table_of(ProviderPause)
    return sa.exists().where(pauses.c.until > now)
