"""Staff sign-ins: the cookie that carries one, and the short list of those ended before their time.

Registration begins and ends them. Every service reads the cookie, and looks into its own copy of
the list: an ended sign-in is dead everywhere as soon as the event has come.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import flask
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, insert_new
from services.contracts import Event

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)
"""How often the cookie is written anew while somebody works."""

_KEY = "staff"


class EndedSignIn(ChassisBase):
    """A sign-in that was ended; kept until its cookie would be too old anyway."""

    __tablename__ = "ended_sign_in"

    sign_in_id: Mapped[UUID] = mapped_column(primary_key=True)
    until: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class SignIn:
    """What the cookie says, signed by us: who, since which change of password, and for how long.

    `second_factor_due` is when the account needs a second factor that it does not have yet.
    """

    id: UUID
    staff_id: UUID
    epoch: int
    seen_at: datetime
    until: datetime
    second_factor_due: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether it is neither too old nor left alone for too long."""
        return now < self.until and now - self.seen_at < IDLE


def carry(sign_in: SignIn) -> None:
    """Put a new sign-in into the browser's cookie; nothing that was in it before stays."""
    flask.session.clear()
    _write(sign_in)
    flask.g.pop("staff", None)  # The rest of the request asks anew who is signed in.


def presented(now: datetime) -> SignIn | None:
    """The sign-in in the browser's cookie, if it holds; whether it was ended is not asked here."""
    kept = flask.session.get(_KEY)
    if not isinstance(kept, dict):
        return None
    sign_in = _read(kept)
    return sign_in if sign_in.holds(now) else None


def note_seen(sign_in: SignIn, now: datetime) -> None:
    """Let the idle time begin again; tells the rest of the request when it wrote the cookie."""
    if now - sign_in.seen_at >= NOTED_EVERY:
        _write(replace(sign_in, seen_at=now))
        flask.g.sign_in_seen = sign_in.id


def was_ended(sign_in_id: UUID) -> sa.ColumnElement[bool]:
    """Whether a sign-in is on the list, as a condition of a query."""
    return sa.exists().where(EndedSignIn.sign_in_id == sign_in_id)


def note_ended(db: Session, sign_in_id: UUID, until: datetime) -> None:
    """Put a sign-in on the list."""
    insert_new(db, EndedSignIn, sign_in_id=sign_in_id, until=until)


def on_staff_signed_out(db: Session, event: Event, _now: datetime) -> None:
    """Let a sign-in be dead in this service too."""
    note_ended(db, event.data["sign_in_id"], event.data["until"])


def _write(sign_in: SignIn) -> None:
    due = sign_in.second_factor_due
    flask.session[_KEY] = {
        "id": str(sign_in.id),
        "staff_id": str(sign_in.staff_id),
        "epoch": sign_in.epoch,
        "seen_at": sign_in.seen_at.timestamp(),
        "until": sign_in.until.timestamp(),
        "second_factor_due": due.timestamp() if due else None,
    }


def _read(kept: dict[str, Any]) -> SignIn:
    due = kept["second_factor_due"]
    return SignIn(
        id=UUID(kept["id"]),
        staff_id=UUID(kept["staff_id"]),
        epoch=kept["epoch"],
        seen_at=_moment(kept["seen_at"]),
        until=_moment(kept["until"]),
        second_factor_due=_moment(due) if due is not None else None,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
