"""Notify's tables: the mails to send, and the newest that is known of each registration."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.chassis.db import COLUMN_TYPES, NAMES, Counter
from services.chassis.ids import new_id

QUEUED, SENDING, ACCEPTED, UNKNOWN = "queued", "sending", "accepted", "unknown"
DELIVERED, BOUNCED, DROPPED = "delivered", "bounced", "dropped"
FAILED, SUPERSEDED, SUPPRESSED = "failed", "superseded", "suppressed"
HELD = "held"
STATES = (
    *(HELD, QUEUED, SENDING, UNKNOWN, FAILED, BOUNCED, DROPPED, SUPPRESSED),
    *(ACCEPTED, DELIVERED, SUPERSEDED),
)
"""In the order in which staff care about them."""

TRANSACTIONAL, ANNOUNCEMENT = "transactional", "announcement"

UNDER_WAY = (QUEUED, SENDING, UNKNOWN)
"""The states in which the sender has still something to do."""

IS_UNDER_WAY = "coalesce(state, '') IN ('queued', 'sending', 'unknown')"
"""The same as a condition: of the sender's index, and of the queries that shall find by it.

It says the states themselves, for of a parameter no planner knows that it is among them; and it
says `coalesce`, as SQLite would rather look up by `state`, and sort all that wait for each mail.
"""


class Base(DeclarativeBase):
    """The tables of notify alone."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES


def _index_where(name: str, condition: str, *columns: str) -> sa.Index:
    """An index of those rows alone that somebody has yet to look at."""
    where = sa.text(condition)
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


class Delivery(Base):
    """One mail to one person; `dedupe_key` makes sure that an event calls for it once.

    `due_at` is when the sender looks at it next: to send it, or, while another sender has
    claimed it, to doubt that one. `context` is the event's data in JSON form. `error` is what
    the provider last said, in its own words. `second_copy_possible` is set for good when a
    sender died, or an answer was lost, between the provider's acceptance and our record.
    `area` is where its session or its readers were when it was written: empty for everybody's,
    None for a mail that is for those alone who work in all areas.
    `search_text` is what the mail log is searched by, in the form of `search_key`. `batch_id`
    joins the mails of one message to a group, `resend_of_id` a copy to the mail it repeats.
    `needed_until` is when nobody can need `context` any more to write it anew; None once all that
    was about people has been taken out of it.
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
    sequence: Mapped[Counter]
    session_id: Mapped[UUID | None] = mapped_column(index=True)
    area: Mapped[str | None] = mapped_column(sa.String(100))
    batch_id: Mapped[UUID | None]
    resend_of_id: Mapped[UUID | None]
    stream: Mapped[str] = mapped_column(sa.String(20), default=TRANSACTIONAL)
    search_text: Mapped[str] = mapped_column(sa.Text, default="")
    recipient_name: Mapped[str] = mapped_column(sa.Text)
    recipient_email: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(2))
    context: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(sa.String(20), default=QUEUED, index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    give_up_at: Mapped[datetime]
    needed_until: Mapped[datetime | None]
    second_copy_possible: Mapped[bool] = mapped_column(default=False)
    provider_id: Mapped[str] = mapped_column(sa.String(200), default="")
    error: Mapped[str] = mapped_column(sa.Text, default="")
    mail_subject: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        _index_where("ix_delivery_under_way", IS_UNDER_WAY, "batch_id", "due_at"),
        _index_where("ix_delivery_batch_id", "batch_id IS NOT NULL", "batch_id"),
        _index_where("ix_delivery_needed", "needed_until IS NOT NULL", "needed_until"),
        _index_where("ix_delivery_known", "recipient_email <> ''", "created_at"),
    )

    @property
    def is_forgotten(self) -> bool:
        """Whether it no longer tells to whom it went."""
        return not self.recipient_email


class SubjectState(Base):
    """What is newest of one registration, so that no mail says what has ceased to be true.

    `ended` is set when nothing more can come of it: it was moved, or its session cancelled;
    `erased` when it is about nobody any more.
    `is_invited` tells that an invitation for the calendar went out, which a cancellation must
    take back.
    `when_and_where` belongs to `calendar_sequence`, which grows with each change of them, and
    `email`, where its mail goes, to `link_version`. `status` and `sequence` are those of the
    newest event that brought a status; any event can tell of one that is newer still, which is
    kept as `heard_status`.
    """

    __tablename__ = "subject_state"

    registration_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[Counter] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(sa.String(20), default="")
    heard_sequence: Mapped[Counter] = mapped_column(default=0)
    heard_status: Mapped[str] = mapped_column(sa.String(20), default="")
    ended: Mapped[bool] = mapped_column(default=False)
    erased: Mapped[bool] = mapped_column(default=False)
    notice_sequence: Mapped[Counter] = mapped_column(default=0)
    link_version: Mapped[int] = mapped_column(default=0)
    email: Mapped[str] = mapped_column(sa.Text, default="")
    is_invited: Mapped[bool] = mapped_column(default=False)
    calendar_sequence: Mapped[int] = mapped_column(default=-1)
    when_and_where: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Attempt(Base):
    """One try at a mail: when, to which address, what came of it, in the provider's words.

    `outcome` is the state that the try led to.
    """

    __tablename__ = "attempt"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    delivery_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("delivery.id", ondelete="CASCADE"), index=True
    )
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    address: Mapped[str] = mapped_column(sa.Text)
    outcome: Mapped[str] = mapped_column(sa.String(20))
    words: Mapped[str] = mapped_column(sa.Text, default="")

    __table_args__ = (_index_where("ix_attempt_known", "address <> ''", "ended_at"),)


class ProviderEvent(Base):
    """What the provider reported later of a mail; its own id tells a repeated report apart."""

    __tablename__ = "provider_event"

    id: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    delivery_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("delivery.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(sa.String(40))
    at: Mapped[datetime]
    words: Mapped[str] = mapped_column(sa.Text, default="")
    received_at: Mapped[datetime]

    __table_args__ = (_index_where("ix_provider_event_known", "words <> ''", "received_at"),)


class SentCopy(Base):
    """The message as it was sent, in its Internet form, compressed by zlib."""

    __tablename__ = "sent_copy"

    delivery_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes]
    stored_at: Mapped[datetime] = mapped_column(index=True)


class Suppression(Base):
    """An address that gets no mail, of one stream or of all, until a moment or for good.

    `stream` is `all` or `announcement`; `reason` a bounce's, `unsubscribed` or `by_staff`;
    `by` the member of staff who added it.
    """

    __tablename__ = "suppression"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    address_key: Mapped[str] = mapped_column(sa.String(320))
    stream: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(40))
    words: Mapped[str] = mapped_column(sa.Text, default="")
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(sa.String(200), default="")

    __table_args__ = (sa.UniqueConstraint("address_key", "stream"),)


class Letterhead(Base):
    """How the organisation that runs this site signs its mail; one row."""

    __tablename__ = "letterhead"

    id: Mapped[int] = mapped_column(primary_key=True)
    sender_name: Mapped[str] = mapped_column(sa.String(70), default="")
    reply_to: Mapped[str] = mapped_column(sa.String(254), default="")
    signature_en: Mapped[str] = mapped_column(sa.Text, default="")
    signature_fr: Mapped[str] = mapped_column(sa.Text, default="")
    colour: Mapped[str] = mapped_column(sa.String(7), default="")


class ProviderPause(Base):
    """Until when nothing is sent, because the provider asked for a rest or is away; one row.

    `since` is when that began; a pause that follows on another closely carries it on.
    """

    __tablename__ = "provider_pause"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    words: Mapped[str] = mapped_column(sa.Text, default="")
