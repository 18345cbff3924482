"""Notices of a changed session: two that wait for the same person become one."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts.shapes import WhenAndWhere
from services.notify.deliveries import supersede
from services.notify.kinds import NOTICE_CHANGED
from services.notify.models import QUEUED, Delivery
from services.notify.truth import NEWER_NOTICE, NOTHING_CHANGED


def merge_notices(db: Session, registration_id: UUID) -> None:
    """Let the newest queued notice tell of all changes since what the person was last told."""
    query = (
        sa.select(Delivery)
        .where(
            Delivery.subject_id == registration_id,
            Delivery.kind == NOTICE_CHANGED,
            Delivery.state == QUEUED,
        )
        .order_by(Delivery.sequence)
        .with_for_update()
    )
    *older, newest = db.scalars(query).all()
    if older:
        newest.context = _merged([each.context for each in older], newest.context)
    for each in older:
        supersede(each, NEWER_NOTICE)
    if older and _tells_nothing(older[0].context, newest.context):
        supersede(newest, NOTHING_CHANGED)


def _merged(older: list[dict[str, Any]], newest: dict[str, Any]) -> dict[str, Any]:
    messages = dict.fromkeys(each["message"] for each in [*older, newest] if each["message"])
    return newest | {"before": older[0]["before"], "message": "\n".join(messages)}


def _tells_nothing(first: dict[str, Any], merged: dict[str, Any]) -> bool:
    """Whether all is again as it was, and nobody has added a word."""
    same_place = set(WhenAndWhere().fields)
    now = {name: merged["session"][name] for name in same_place}
    same_link = first["session"]["join_link"] == merged["session"]["join_link"]
    return now == merged["before"] and same_link and not merged["message"]
