"""Notify's tables: the mails to send, and the newest that is known of each registration."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import COLUMN_TYPES, NAMES

QUEUED, SENDING, ACCEPTED, UNKNOWN = "queued", "sending", "accepted", "unknown"
DELIVERED, BOUNCED, DROPPED = "delivered", "bounced", "dropped"
FAILED, SUPERSEDED = "failed", "superseded"
STATES = (
    *(QUEUED, SENDING, UNKNOWN, FAILED, ACCEPTED),
    *(DELIVERED, BOUNCED, DROPPED, SUPERSEDED),
)
"""In the order in which staff care about them."""

UNDER_WAY = (QUEUED, SENDING, UNKNOWN)
"""The states in which the sender has still something to do."""


class Base(DeclarativeBase):
    """The tables of notify alone."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES


class Delivery(Base):
    """One mail to one person; `dedupe_key` makes sure that an event calls for it once.

    `due_at` is when the sender looks at it next: to send it, or, while another sender has
    claimed it, to doubt that one. `context` is the event's data in JSON form. `error` is what
    the provider last said, in its own words. `second_copy_possible` is set for good when a
    sender died, or an answer was lost, between the provider's acceptance and our record.
    """

    __tablename__ = "delivery"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(sa.String(300), unique=True)
    event_id: Mapped[UUID]
    event_type: Mapped[str] = mapped_column(sa.String(80))
    event_time: Mapped[datetime]
    correlation_id: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[UUID] = mapped_column(index=True)
    sequence: Mapped[int]
    session_id: Mapped[UUID] = mapped_column(index=True)
    recipient_name: Mapped[str] = mapped_column(sa.Text)
    recipient_email: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(2))
    context: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(20), default=QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    second_copy_possible: Mapped[bool] = mapped_column(default=False)
    provider_id: Mapped[str] = mapped_column(sa.String(200), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    mail_subject: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "ix_delivery_under_way",
            "due_at",
            sqlite_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
            postgresql_where=sa.text("state IN ('queued', 'sending', 'unknown')"),
        ),
    )


class SubjectState(Base):
    """What is newest of one registration, so that no mail says what has ceased to be true.

    `ended` is set when nothing more can come of it: it was moved, or its session cancelled.
    `when_and_where` belongs to `calendar_sequence`, which grows with each change of them.
    """

    __tablename__ = "subject_state"

    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(sa.String(20), default="")
    ended: Mapped[bool] = mapped_column(default=False)
    notice_sequence: Mapped[int] = mapped_column(default=0)
    link_version: Mapped[int] = mapped_column(default=0)
    calendar_sequence: Mapped[int] = mapped_column(default=-1)
    when_and_where: Mapped[dict[str, Any]] = mapped_column(default=dict)
