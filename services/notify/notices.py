"""Notices of a changed session: two that wait for the same person become one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts.shapes import WhenAndWhere
from services.notify.deliveries import supersede
from services.notify.kinds import NOTICE_CHANGED
from services.notify.models import QUEUED, UNDER_WAY, Delivery
from services.notify.truth import NEWER_NOTICE, NOTHING_CHANGED

Context = dict[str, Any]


def merge_notices(db: Session, registration_id: UUID) -> None:
    """Let the newest queued notice tell of all changes since what the person was told for sure.

    One whose fate is open is not sent again once there is a newer, so that tells of it as well.
    """
    query = (
        sa.select(Delivery)
        .where(
            Delivery.subject_id == registration_id,
            Delivery.kind == NOTICE_CHANGED,
            Delivery.state.in_(UNDER_WAY),
        )
        .order_by(Delivery.sequence)
        .with_for_update()
    )
    notices = db.scalars(query).all()
    *older, newest = [each for each in notices if each.state == QUEUED]
    untold = [each for each in notices if each.sequence < newest.sequence]
    for each in older:
        supersede(each, NEWER_NOTICE)
    if untold:
        _tell_all(untold, newest, may_be_told=len(untold) > len(older))


def _tell_all(untold: Sequence[Delivery], newest: Delivery, *, may_be_told: bool) -> None:
    """Widen the newest, unless all is as it was and nobody can have heard that it was not."""
    contexts = [each.context for each in untold]
    merged = _merged(contexts, newest.context)
    if not _tells_nothing(contexts[0], merged):
        newest.context = merged
    elif not may_be_told:
        newest.context = merged
        supersede(newest, NOTHING_CHANGED)


def _merged(older: list[Context], newest: Context) -> Context:
    messages = dict.fromkeys(each["message"] for each in [*older, newest] if each["message"])
    return newest | {"before": older[0]["before"], "message": "\n".join(messages)}


def _tells_nothing(first: Context, merged: Context) -> bool:
    """Whether all is again as it was, and nobody has added a word."""
    same_place = set(WhenAndWhere().fields)
    now = {name: merged["session"][name] for name in same_place}
    same_link = first["session"]["join_link"] == merged["session"]["join_link"]
    return now == merged["before"] and same_link and not merged["message"]
