"""Staff sign-in as every service checks it, against its own copy of the staff accounts."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask
import sqlalchemy as sa
from flask import abort, g, request
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.chassis.db import ChassisBase, Counter
from services.chassis.running import runtime
from services.contracts import Event

SIGN_IN_HOURS = 12


class StaffMember(ChassisBase):
    """A staff member as all three services know them; registration holds the password.

    A coordinator may be limited to `areas`, a local officer has the local `organisation_id`.
    """

    __tablename__ = "staff_member"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    language: Mapped[str] = mapped_column(sa.String(2), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    sign_in_epoch: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[Counter] = mapped_column(default=0)
    areas: Mapped[list[Any]] = mapped_column(default=list)
    organisation_id: Mapped[UUID | None]
    tokens: Mapped[list["AccessToken"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )


class AccessToken(ChassisBase):
    """What lets a program act for a staff member; only its digest is kept.

    `actions` are the names of those that it is limited to; None limits nothing.
    """

    __tablename__ = "access_token"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    expires_at: Mapped[datetime]
    actions: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))


def digest(token: str) -> str:
    """What is kept of an access token: SHA-256 in hexadecimal; the token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(member: StaffMember, now: datetime) -> None:
    """Begin a new browser session for a staff member whose password was right."""
    flask.session.clear()
    flask.session["staff"] = [str(member.id), member.sign_in_epoch, now.timestamp()]


def current_staff() -> StaffMember | None:
    """Who is signed in, by cookie or by bearer token; looked up once a request."""
    if "staff" not in g:
        g.staff = _by_token() if _is_api() else _by_cookie()
    member: StaffMember | None = g.staff
    return member


def staff_member() -> StaffMember:
    """Who is signed in, in a view that is for staff."""
    member = current_staff()
    if member is None:
        abort(401)
    return member


_KEPT = {
    *("name", "email", "role", "language", "active", "sign_in_epoch"),
    *("areas", "organisation_id"),
}


def on_staff_changed(db: Session, event: Event, now: datetime) -> None:
    """Keep the service's copy of a staff account; an older event changes nothing.

    The first version of the event knew neither areas nor locals; what is known of them stays.
    """
    facts = event.data
    member = db.get(StaffMember, facts["staff_id"])
    if member is None:
        member = StaffMember(id=facts["staff_id"], sequence=0, areas=[], tokens=[])
        db.add(member)
    if event.sequence <= member.sequence:
        return
    for name in _KEPT & facts.keys():
        setattr(member, name, facts[name])
    member.sequence = event.sequence
    kept = {token.digest: token for token in member.tokens}
    member.tokens = [kept.get(each["digest"]) or AccessToken(**each) for each in facts["tokens"]]


def _is_api() -> bool:
    return request.path.startswith("/api/")


def _by_cookie() -> StaffMember | None:
    kept = flask.session.get("staff")
    if not kept or datetime.now(UTC).timestamp() - kept[2] > SIGN_IN_HOURS * 3600:
        return None
    with runtime().database.reading() as db:
        member = db.get(StaffMember, UUID(kept[0]))
    return member if member and member.active and member.sign_in_epoch == kept[1] else None


def _by_token() -> StaffMember | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    query = (
        sa.select(StaffMember)
        .join(AccessToken)
        .where(
            AccessToken.digest == digest(authorization.token),
            AccessToken.expires_at > datetime.now(UTC),
            StaffMember.active,
        )
    )
    with runtime().database.reading() as db:
        return db.scalar(query)
