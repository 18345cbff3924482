"""Somebody half-way in: the password was right, and something more has to be shown."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import flask
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.staff import StaffMember
from services.registration.sign_ins import is_as_it_was

PATIENCE = timedelta(minutes=10)
_KEY = "half_way"


@dataclass(frozen=True)
class HalfWay:
    """Who it is, since when, and where they were going; it opens nothing but the next step."""

    staff_id: UUID
    epoch: int
    next: str

    def member(self, db: Session) -> StaffMember | None:
        """The account, unless it was closed or changed meanwhile; nobody else changes it now."""
        member = locked(db, StaffMember, self.staff_id)
        return member if member and is_as_it_was(member, self.epoch) else None


def stop_half_way(member: StaffMember, *, going_to: str, now: datetime) -> None:
    """Remember in the cookie that this much was shown; whoever was signed in before is not."""
    flask.session.clear()
    flask.session[_KEY] = [str(member.id), member.sign_in_epoch, now.timestamp(), going_to]


def half_way(now: datetime) -> HalfWay | None:
    """Who is half-way in, in this browser."""
    kept = flask.session.get(_KEY)
    if not kept:
        return None
    staff_id, epoch, since, going_to = kept
    is_fresh = now - datetime.fromtimestamp(since, UTC) < PATIENCE
    return HalfWay(UUID(staff_id), epoch, going_to) if is_fresh else None
