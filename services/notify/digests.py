"""Digests: one that still waits when the next arrives becomes part of it, so that none is lost."""

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts import Event
from services.notify.deliveries import supersede, want_mail
from services.notify.kinds import DIGEST
from services.notify.models import QUEUED, Delivery
from services.notify.truth import NEWER_DIGEST

Context = dict[str, Any]


def on_digest_due(db: Session, event: Event, now: datetime) -> None:
    """Send somebody the news of a day, once."""
    staff_id, until = event.data["staff_id"], event.data["until"]
    key = f"digest:{staff_id}:{until.isoformat()}"
    if want_mail(db, event, DIGEST, key=key, subject_id=staff_id, now=now):
        _merge_waiting(db, event)


def _merge_waiting(db: Session, event: Event) -> None:
    """Let the newest tell what the older ones would have told."""
    query = sa.select(Delivery).where(
        Delivery.subject_id == event.data["staff_id"],
        Delivery.kind == DIGEST,
        Delivery.state == QUEUED,
    )
    rows = db.scalars(query.order_by(Delivery.sequence).with_for_update()).all()
    *older, newest = rows
    for each in reversed(older):
        newest.context = _merged(each.context, newest.context)
        supersede(each, NEWER_DIGEST)


def _merged(older: Context, newer: Context) -> Context:
    """All changes of both, with the newer numbers where it has the session."""
    lines = {each["session_id"]: each for each in older["sessions"]}
    for line in newer["sessions"]:
        known = lines.get(line["session_id"], {"changes": {}})
        changes = Counter(known["changes"]) + Counter(line["changes"])
        lines[line["session_id"]] = line | {"changes": dict(changes)}
    sessions = sorted(lines.values(), key=lambda each: str(each["first_day"]))
    return newer | {"since": older["since"], "sessions": sessions}
