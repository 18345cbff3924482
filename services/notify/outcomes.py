"""What other services hear of a mail: that it arrived, that it did not, that no more is wanted.

Of a mail that is nobody's any more they hear nothing.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.outbox import publish
from services.contracts.messages import MESSAGE_BOUNCED, MESSAGE_DELIVERED, MESSAGE_UNSUBSCRIBED
from services.notify.models import Delivery

HARD_BOUNCE, BLOCKED, DROPPED = "hard_bounce", "blocked", "dropped"
SPAM_REPORT, REFUSED, SUPPRESSED = "spam_report", "refused", "suppressed"


def say_delivered(
    db: Session, delivery: Delivery, *, at: datetime, words: str, now: datetime
) -> None:
    """A mail has arrived, at a moment that the provider tells."""
    if delivery.is_forgotten:
        return
    data = _outcome(delivery, at, words)
    publish(db, MESSAGE_DELIVERED, subject=delivery.id, data=data, now=now)


def say_bounced(
    db: Session, delivery: Delivery, *, reason: str, words: str, at: datetime, now: datetime
) -> None:
    """A mail has not arrived, or is not wanted; `reason` is one of the contract's."""
    if delivery.is_forgotten:
        return
    data = _outcome(delivery, at, words) | {"reason": reason}
    publish(db, MESSAGE_BOUNCED, subject=delivery.id, data=data, now=now)


def say_unsubscribed(db: Session, delivery: Delivery, *, at: datetime, now: datetime) -> None:
    """The reader of this mail wants no more announcements."""
    if delivery.is_forgotten:
        return
    data = {"email": delivery.recipient_email, "at": at}
    publish(db, MESSAGE_UNSUBSCRIBED, subject=delivery.id, data=data, now=now)


def _outcome(delivery: Delivery, at: datetime, words: str) -> dict[str, Any]:
    registration_id = delivery.context.get("registration_id")
    return {
        "message_id": delivery.id,
        "registration_id": UUID(registration_id) if registration_id else None,
        "session_id": delivery.session_id,
        "kind": delivery.kind,
        "email": delivery.recipient_email,
        "at": at,
        "words": words,
    }
