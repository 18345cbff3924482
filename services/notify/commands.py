"""What staff can do about a mail."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.notify.deliveries import GIVE_UP_AFTER
from services.notify.models import FAILED, QUEUED, Delivery


class NotFailed(Exception):
    """Only a mail that has failed can be sent again by hand."""

    reason = "not_failed"


def send_again(db: Session, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Queue a failed mail anew, with as much time as a new one has; NotFailed."""
    delivery = locked(db, Delivery, delivery_id)
    if delivery is None or delivery.state != FAILED:
        raise NotFailed
    delivery.state, delivery.attempts = QUEUED, 0
    delivery.due_at, delivery.give_up_at = now, now + GIVE_UP_AFTER
    return delivery
