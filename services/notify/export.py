"""All that notify knows of somebody, as rows for the file that they get."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.erasing import Order
from services.chassis.outbox import publish
from services.contracts import Event
from services.contracts.people import MAIL_FOUND
from services.notify.mail_view import message_of
from services.notify.models import Attempt, Delivery, ProviderEvent, Suppression
from services.notify.suppressions import address_key
from services.notify.their_mail import theirs

MAILS_IN_A_PART = 40
_LINK = re.compile(r"(/(?:my|roster|unsubscribe|data)/)[\w.=-]+")
"""Links that open something: they stay in the mail, and out of a file that may be passed on."""

Row = dict[str, Any]


def on_export_asked(db: Session, event: Event, now: datetime) -> None:
    """Answer with all mail of somebody, in as many parts as it takes, also when there is none."""
    order = Order(event.data, asked_at=event.time, now=now)
    query = sa.select(Delivery).where(theirs(order)).order_by(Delivery.created_at, Delivery.id)
    mails = db.scalars(query).all()
    parts = [mails[at : at + MAILS_IN_A_PART] for at in range(0, len(mails), MAILS_IN_A_PART)]
    request_id = event.data["request_id"]
    for number, part in enumerate(parts or [[]], 1):
        rows = {"mail": [_mail(db, each) for each in part]}
        if number == 1:
            rows["stops"] = _stops(db, order)
        rows = {kind: found for kind, found in rows.items() if found}
        data = {"request_id": request_id, "part": number, "parts": len(parts) or 1, "rows": rows}
        publish(db, MAIL_FOUND, subject=request_id, data=data, now=now)


def _mail(db: Session, delivery: Delivery) -> Row:
    message = message_of(db, delivery)
    return {
        "at": delivery.created_at.isoformat(),
        "kind": delivery.kind,
        "name": delivery.recipient_name,
        "email": delivery.recipient_email,
        "language": delivery.language,
        "subject": delivery.mail_subject,
        "state": delivery.state,
        "text": _LINK.sub(r"\1…", message.text) if message else "",
        "tries": _tries(db, delivery),
        "reports": _reports(db, delivery),
    }


def _tries(db: Session, delivery: Delivery) -> Sequence[str]:
    query = sa.select(Attempt).where(Attempt.delivery_id == delivery.id)
    return [
        " ".join([each.ended_at.isoformat(), each.address, each.outcome, each.words])
        for each in db.scalars(query.order_by(Attempt.started_at))
    ]


def _reports(db: Session, delivery: Delivery) -> Sequence[str]:
    query = sa.select(ProviderEvent).where(ProviderEvent.delivery_id == delivery.id)
    return [
        " ".join([each.at.isoformat(), each.kind, each.words])
        for each in db.scalars(query.order_by(ProviderEvent.at))
    ]


def _stops(db: Session, order: Order) -> list[Row]:
    """That their address gets no mail of one kind, and why."""
    query = sa.select(Suppression).where(Suppression.address_key == address_key(order.who["email"]))
    return [
        {
            "stream": each.stream,
            "reason": each.reason,
            "words": each.words,
            "since": each.since.isoformat(),
            "until": each.until.isoformat() if each.until else "",
        }
        for each in db.scalars(query)
    ]
