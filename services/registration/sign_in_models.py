"""The tables of signing in: passwords, second factors, sign-ins under way, pauses."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.registration.models import Base


class StaffPassword(Base):
    """The argon2 hash of a staff member's password."""

    __tablename__ = "staff_password"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(200))


class SecondFactor(Base):
    """What a staff member's authenticator app shares with us, sealed; made at the first sign-in.

    Without a `secret` the account has no second factor yet, and needs one from `due_at` on.
    `new_secret` is one that was shown and not confirmed by a code. `last_step` is the time step
    of the last code that was taken: neither it nor an older one is taken again.
    """

    __tablename__ = "second_factor"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    secret: Mapped[str] = mapped_column(sa.String(300), default="")
    since: Mapped[datetime | None]
    new_secret: Mapped[str] = mapped_column(sa.String(300), default="")
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Base):
    """A code that stands in for the app once; only its digest is kept."""

    __tablename__ = "recovery_code"

    digest: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class StaffSignIn(Base):
    """A sign-in under way: in which browser, since when, when it was last seen in registration."""

    __tablename__ = "staff_sign_in"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(index=True)
    browser: Mapped[str] = mapped_column(sa.String(80))
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    until: Mapped[datetime]


class SignInDelay(Base):
    """How long somebody has to wait before the next try; the key tells nobody whose it is."""

    __tablename__ = "sign_in_delay"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tries: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime]
