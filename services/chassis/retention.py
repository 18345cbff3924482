"""Retention: the clock forgets what `kept.RETENTION` keeps no longer, in small batches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.audit import AuditEntry, forget_entries
from services.chassis.erasing import Erasure
from services.chassis.kept import Purge, Turn, kept_by, purge_rows
from services.chassis.log import logger
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.sign_ins import EndedSignIn
from services.chassis.staff import AccessToken

AT_ONCE = 200
"""So few that a first purge of years holds no lock for long: others write between two batches."""

log = logger(__name__)


def forget_what_is_due(runtime: Runtime, now: datetime) -> int:
    """Forget one batch of each kind whose time is over; returns how much, to be called again."""
    kept = kept_by(runtime.service.name)
    done = 0
    for purge in (*PLUMBING, *runtime.service.purges):
        count = _forget(runtime, purge, kept[purge.kind].cutoff(runtime.settings, now), now)
        if count:
            log.info("forgotten as retention says", kind=purge.kind, count=count)
        done += count
    return done


def _forget(runtime: Runtime, purge: Purge, cutoff: datetime, now: datetime) -> int:
    """A look costs no lock; what is found is looked for again under it."""
    due = purge.due(cutoff).limit(AT_ONCE)
    with runtime.database.reading() as db:
        if db.execute(due.limit(1)).first() is None:
            return 0
    with runtime.database.writing() as db:
        keys = db.scalars(due).all()
        purge.forget(db, keys, Turn(runtime.settings, now))
    return len(keys)


def _told_long_ago(cutoff: datetime) -> sa.Select[Any]:
    """Once for each subscriber: to leave the second out would mean to read the whole outbox."""
    is_kept = OutboxRow.envelope.is_not(None)
    return sa.select(OutboxRow.event_id).where(is_kept, OutboxRow.confirmed_at < cutoff)


def _told_of_people(cutoff: datetime) -> sa.Select[Any]:
    return _told_long_ago(cutoff).where(OutboxRow.type.startswith("person."))


def _forget_told(db: Session, event_ids: Sequence[Any], _turn: Turn) -> None:
    """Empty the envelopes; that there was an event, and who confirmed it, stays for good."""
    known = (OutboxRow.event_id.in_(event_ids), OutboxRow.confirmed_at.is_not(None))
    db.execute(sa.update(OutboxRow).where(*known).values(envelope=None))


def _acts_long_ago(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(AuditEntry.number).where(AuditEntry.at < cutoff).order_by(AuditEntry.number)


def _forget_acts(db: Session, numbers: Sequence[Any], _turn: Turn) -> None:
    forget_entries(db, numbers)


def _old_erasures(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(Erasure.request_id).where(
        Erasure.asked_at < cutoff, Erasure.done_at.is_not(None), Erasure.address_hash != ""
    )


def _forget_erasures(db: Session, keys: Sequence[Any], _turn: Turn) -> None:
    rows = sa.update(Erasure).where(Erasure.request_id.in_(keys))
    db.execute(rows.values(address_hash=""))


PLUMBING = (
    Purge("told_events", _told_long_ago, _forget_told),
    Purge("told_of_people", _told_of_people, _forget_told),
    Purge("erasures", _old_erasures, _forget_erasures),
    purge_rows("expired_tokens", AccessToken.digest, AccessToken.expires_at),
    Purge("acts", _acts_long_ago, _forget_acts),
    purge_rows("ended_sign_ins", EndedSignIn.sign_in_id, EndedSignIn.until),
)
"""What is forgotten in every service."""
