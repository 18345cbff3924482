"""What staff can do about mail that is held: see it, let it go out, or let it be."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.notify.deliveries import GIVE_UP_AFTER, supersede
from services.notify.holding import DECIDED_AGAINST
from services.notify.models import HELD, QUEUED, Delivery


def held_mail(db: Session, most: int) -> tuple[Sequence[Delivery], int]:
    """The mails that are held, the oldest first, so many at most; and how many there are."""
    is_held = Delivery.state == HELD
    total = db.scalar(sa.select(sa.func.count()).select_from(Delivery).where(is_held)) or 0
    return db.scalars(
        sa.select(Delivery).where(is_held).order_by(Delivery.id).limit(most)
    ).all(), total


def release(db: Session, *, newest: UUID, only: UUID | None = None, now: datetime) -> int:
    """Let held mails go out, up to the newest that was seen, or only one; returns how many.

    The sender still looks whether each is true.
    """
    mails = _chosen(db, newest, only)
    for each in mails:
        each.state, each.error = QUEUED, ""
        each.due_at, each.give_up_at = now, now + GIVE_UP_AFTER
    return len(mails)


def drop(db: Session, *, newest: UUID, only: UUID | None = None, now: datetime) -> int:
    """Let held mails stay unsent for good, up to the newest that was seen, or only one."""
    mails = _chosen(db, newest, only)
    for each in mails:
        supersede(each, DECIDED_AGAINST)
        each.settled_at = now
    return len(mails)


def _chosen(db: Session, newest: UUID, only: UUID | None) -> Sequence[Delivery]:
    wanted = Delivery.id == only if only else Delivery.id <= newest
    query = sa.select(Delivery).where(Delivery.state == HELD, wanted)
    return db.scalars(query.order_by(Delivery.id).with_for_update()).all()
