"""What the staff page of mail shows: how many mails are in which state, and which need a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from services.notify.models import (
    BOUNCED,
    DROPPED,
    FAILED,
    QUEUED,
    SENDING,
    STATES,
    SUPPRESSED,
    UNKNOWN,
    Delivery,
)

LATE_AFTER = timedelta(minutes=5)
OWN_NEWS_LATE_AFTER = timedelta(minutes=2)
LONGEST_LIST = 200
_NEEDS_A_PERSON = (FAILED, BOUNCED, DROPPED, SUPPRESSED, UNKNOWN)


def counts_by_state(db: Session, reach: sa.ColumnElement[bool]) -> list[tuple[str, int]]:
    """Each state that has mails, and how many, in the order in which staff care."""
    query = sa.select(Delivery.state, sa.func.count()).where(reach).group_by(Delivery.state)
    found = {row[0]: row[1] for row in db.execute(query)}
    return [(state, found[state]) for state in STATES if state in found]


def troubled_mail(db: Session, reach: sa.ColumnElement[bool], now: datetime) -> Sequence[Delivery]:
    """Mails that are late, in doubt or lost and not repeated: those for a person first."""
    late = sa.and_(Delivery.state.in_((QUEUED, SENDING)), Delivery.created_at < now - LATE_AFTER)
    tried = sa.and_(Delivery.state == QUEUED, Delivery.attempts > 0)
    bad = sa.and_(Delivery.state.in_(_NEEDS_A_PERSON), ~_was_repeated())
    query = sa.select(Delivery).where(sa.or_(bad, late, tried), reach)
    urgent = sa.case((Delivery.state.in_(_NEEDS_A_PERSON), 0), else_=1)
    return db.scalars(query.order_by(urgent, Delivery.id.desc()).limit(LONGEST_LIST)).all()


def mails_to(db: Session, email: str) -> Sequence[UUID]:
    """Every mail to an address, without regard to case."""
    same = sa.func.lower(Delivery.recipient_email) == email.lower()
    return db.scalars(sa.select(Delivery.id).where(same)).all()


def is_late(db: Session, now: datetime) -> bool:
    """Whether news of people's own places waits longer than two minutes; a group's may."""
    waits = Delivery.state.in_((QUEUED, SENDING)), Delivery.created_at < now - OWN_NEWS_LATE_AFTER
    query = sa.select(Delivery.id).where(*waits, Delivery.batch_id.is_(None))
    return db.scalar(query.limit(1)) is not None


def _was_repeated() -> sa.ColumnElement[bool]:
    """Whether a copy went out in its stead; a copy is about the same subject, which is indexed."""
    copy = aliased(Delivery)
    is_copy = (copy.subject_id == Delivery.subject_id, copy.resend_of_id == Delivery.id)
    return sa.select(copy.id).where(*is_copy).correlate(Delivery).exists()
