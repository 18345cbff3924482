"""How a mail comes to be wanted: one row for each event, however often the event arrives."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.chassis.ids import new_id
from services.contracts import CONTRACTS, Event
from services.notify.models import QUEUED, SUPERSEDED, Delivery

GIVE_UP_AFTER = timedelta(hours=48)


def want_mail(
    db: Session, event: Event, kind: str, *, key: str, subject_id: UUID, now: datetime
) -> bool:
    """Queue the mail that an event calls for; False when it has been queued before."""
    return insert_new(
        db,
        Delivery,
        id=new_id(),
        dedupe_key=key,
        kind=kind,
        subject_id=subject_id,
        state=QUEUED,
        created_at=now,
        due_at=now,
        give_up_at=now + GIVE_UP_AFTER,
        **_said_by(event),
    )


def supersede(delivery: Delivery, reason: str) -> None:
    """Let a mail stay where it is, for the record, with the reason why it was not sent."""
    delivery.state, delivery.error = SUPERSEDED, reason


def _said_by(event: Event) -> dict[str, Any]:
    recipient = event.data["recipient"]
    return {
        "event_id": event.id,
        "event_type": event.type,
        "event_time": event.time,
        "correlation_id": event.correlationid,
        "sequence": event.sequence,
        "session_id": event.data["session"]["session_id"],
        "recipient_name": recipient["name"],
        "recipient_email": recipient["email"],
        "language": recipient["language"],
        "context": CONTRACTS[event.type].dump(event.data),
    }
