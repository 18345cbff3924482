"""What staff can do about a mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.notify.deliveries import GIVE_UP_AFTER, send_copy
from services.notify.kinds import FOR_ITS_READER_ALONE
from services.notify.mail_view import copies_of
from services.notify.models import (
    FAILED,
    HELD,
    QUEUED,
    SUPERSEDED,
    UNDER_WAY,
    Delivery,
    SubjectState,
)
from services.notify.suppressions import WHY_NOT_SENT, suppression_of
from services.notify.truth import FACTS_FORGOTTEN, READER_ALONE, why_untrue


class NotFailed(Exception):
    """Only a mail that has failed can be sent again by hand."""

    reason = "not_failed"


class UnknownMail(Exception):
    """There is no such mail."""


class StillUnderWay(Exception):
    """The mail, or a copy of it to the same address, has yet to go out."""


class MustNotGoOut(Exception):
    """It is no longer true, or the address gets no mail; the message is the reason, our words."""


def send_again(db: Session, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Queue a failed mail anew, with as much time as a new one has; NotFailed.

    The attempts go on counting, by which a sender that comes back late knows it was replaced.
    """
    delivery = locked(db, Delivery, delivery_id)
    if delivery is None or delivery.state != FAILED or delivery.needed_until is None:
        raise NotFailed
    delivery.state, delivery.settled_at = QUEUED, None
    delivery.due_at, delivery.give_up_at = now, now + GIVE_UP_AFTER
    return delivery


def copy_to(db: Session, delivery_id: UUID, email: str, *, now: datetime) -> Delivery:
    """Queue a copy of a mail that has come to an end, to the same address or a corrected one.

    UnknownMail, StillUnderWay, MustNotGoOut.
    """
    delivery = locked(db, Delivery, delivery_id)
    if delivery is None:
        raise UnknownMail
    under_way = copies_of(delivery).where(
        Delivery.state.in_(UNDER_WAY), Delivery.recipient_email == email
    )
    if delivery.state in (HELD, *UNDER_WAY) or db.scalar(under_way.limit(1)) is not None:
        raise StillUnderWay
    if reason := _why_not(db, delivery, email, now):
        raise MustNotGoOut(reason)
    return send_copy(db, delivery, email=email, now=now)


def _why_not(db: Session, delivery: Delivery, email: str, now: datetime) -> str:
    if delivery.kind in FOR_ITS_READER_ALONE:
        return READER_ALONE
    if delivery.needed_until is None:
        return FACTS_FORGOTTEN
    if delivery.state == SUPERSEDED:
        return delivery.error
    if row := suppression_of(db, email, delivery.stream, now):
        return WHY_NOT_SENT.get(row.reason, row.words)
    return why_untrue(delivery, db.get(SubjectState, delivery.subject_id), now)
