"""Staff sign-in as every service checks it, against its own copy of the staff accounts."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import abort, g, request
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from services.chassis.db import ChassisBase, Counter
from services.chassis.running import runtime
from services.chassis.sign_ins import note_seen, presented, was_ended
from services.contracts import Event


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

    `actions` are the names of those that it is limited to; None limits nothing. `name`, which
    only registration knows, says what it is for; `last_used_at` is true to the hour.
    """

    __tablename__ = "access_token"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(sa.ForeignKey("staff_member.id"), index=True)
    expires_at: Mapped[datetime]
    actions: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    name: Mapped[str] = mapped_column(sa.String(100), default="")
    last_used_at: Mapped[datetime | None]


def digest(token: str) -> str:
    """What is kept of an access token: SHA-256 in hexadecimal; the token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


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


def days_to_second_factor() -> int | None:
    """How many days are left in which a password is enough; None when that is over or never was."""
    now = datetime.now(UTC)
    sign_in = presented(now)
    if sign_in is None or sign_in.second_factor_due is None:
        return None
    return -((now - sign_in.second_factor_due) // timedelta(days=1))


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
    """One look into this service's own database: its copy of the account, and what was ended.

    An account whose newest change has not come here yet is not held against the cookie.
    """
    now = datetime.now(UTC)
    sign_in = presented(now)
    if sign_in is None:
        return None
    query = sa.select(StaffMember).where(
        StaffMember.id == sign_in.staff_id,
        StaffMember.active,
        StaffMember.sign_in_epoch <= sign_in.epoch,
        ~was_ended(sign_in.id),
    )
    with runtime().database.reading() as db:
        member = db.scalar(query)
    if member is not None:
        note_seen(sign_in, now)
    return member


def presented_token() -> AccessToken | None:
    """The token by which a program was let in, if that is how."""
    current_staff()
    token: AccessToken | None = g.get("access_token")
    return token


def _by_token() -> StaffMember | None:
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        return None
    query = (
        sa.select(AccessToken, StaffMember)
        .join(StaffMember, StaffMember.id == AccessToken.staff_id)
        .where(
            AccessToken.digest == digest(authorization.token),
            AccessToken.expires_at > datetime.now(UTC),
            StaffMember.active,
        )
    )
    with runtime().database.reading() as db:
        found = db.execute(query).one_or_none()
    if found is None:
        return None
    g.access_token, member = found
    return member
