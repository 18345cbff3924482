"""What notify does when a database, its own or another's, was set back to an earlier moment."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.database_facts import RESTORED, DatabaseFact
from services.chassis.outbox import publish
from services.contracts.restores import REGISTRATION_REMEMBERED
from services.notify.holding import hold_under_way
from services.notify.kinds import NOTICE_CANCELLED, STATUS_KINDS
from services.notify.models import Delivery

_ABOUT_PLACES = (*STATUS_KINDS, NOTICE_CANCELLED)


def after_restore(db: Session, restored: str, now: datetime) -> None:
    """Send nothing that may have been sent; remind registration of what it had people told."""
    if restored == "notify":
        hold_under_way(db)
    elif restored == "registration":
        fact = db.get_one(DatabaseFact, f"{RESTORED} registration")
        _remind(db, datetime.fromisoformat(fact.told), now)


def _remind(db: Session, since: datetime, now: datetime) -> None:
    """Of each place the newest that was told in the hours that registration has lost."""
    told = (Delivery.event_time > since, Delivery.kind.in_(_ABOUT_PLACES), ~_is_forgotten())
    newest = {
        each.subject_id: each
        for each in db.scalars(sa.select(Delivery).where(*told).order_by(Delivery.sequence))
    }
    for each in newest.values():
        data = {
            "registration_id": each.subject_id,
            "session_id": each.session_id,
            "recipient": {
                "name": each.recipient_name,
                "email": each.recipient_email,
                "language": each.language,
            },
            "status": each.context["status"],
            "told_at": each.event_time,
        }
        publish(db, REGISTRATION_REMEMBERED, subject=each.subject_id, data=data, now=now)


def _is_forgotten() -> sa.ColumnElement[bool]:
    return Delivery.needed_until.is_(None)
