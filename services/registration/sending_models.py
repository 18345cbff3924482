"""Registration's tables about mail: what goes out when, who gets rosters, messages to groups."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.ids import new_id
from services.registration.models import Base


class PlannedMail(Base):
    """One sending of a session: when it is due, whether it is on, and when it was done.

    A `due_at` that staff have set (`edited_by`) stays when the session moves.
    `content_version` tells what a roster said, to see whether a later one would differ;
    `outcome` says what came of it once it is done, `sent` or why not.
    """

    __tablename__ = "planned_mail"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"), primary_key=True)
    occasion: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    due_at: Mapped[datetime]
    is_on: Mapped[bool] = mapped_column(default=True)
    edited_by: Mapped[str] = mapped_column(sa.String(200), default="")
    done_at: Mapped[datetime | None]
    content_version: Mapped[str] = mapped_column(sa.String(64), default="")
    outcome: Mapped[str] = mapped_column(sa.String(20), default="")

    __table_args__ = (
        sa.Index(
            "ix_planned_mail_due",
            "due_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )


class RosterRecipient(Base):
    """Somebody who gets a session's rosters; their link works while they are one.

    `role` is `facilitator` or `host`, as the catalog told it, or `added`, by staff. Who was
    added by staff (`added_by`) stays when the catalog no longer names them. `sent_at` is when
    the last roster for them was handed to notify.
    """

    __tablename__ = "roster_recipient"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"))
    email_key: Mapped[str] = mapped_column(sa.String(254))
    email: Mapped[str] = mapped_column(sa.String(254))
    name: Mapped[str] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(2))
    role: Mapped[str] = mapped_column(sa.String(20))
    added_by: Mapped[str] = mapped_column(sa.String(200), default="")
    removed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]

    __table_args__ = (sa.UniqueConstraint("session_id", "email_key"),)


class RosterOpening(Base):
    """That a roster was opened by its link; `form` is `page`, `csv`, `xlsx` or `pdf`."""

    __tablename__ = "roster_opening"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    recipient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("roster_recipient.id"), index=True)
    at: Mapped[datetime]
    form: Mapped[str] = mapped_column(sa.String(10))


class GroupMessage(Base):
    """What staff wrote to many at once; `audience` says to whom, in JSON form.

    Its `id` is made with the form, so that a form sent twice is one message.
    """

    __tablename__ = "group_message"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("workshop_session.id"), index=True
    )
    audience: Mapped[dict[str, Any]]
    stream: Mapped[str] = mapped_column(sa.String(20))
    subject: Mapped[dict[str, Any]]
    body: Mapped[dict[str, Any]]
    author: Mapped[str] = mapped_column(sa.String(200))
    sent_at: Mapped[datetime] = mapped_column(index=True)
    size: Mapped[int]


class DigestChoice(Base):
    """Whether a member of staff wants the daily digest, and until when they have had it."""

    __tablename__ = "digest_choice"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    wanted: Mapped[bool] = mapped_column(default=True)
    told_until: Mapped[datetime | None]
