"""The outbox: events written in the producer's transaction, for the relay to send.

A row stays due until its subscriber has confirmed it; having been published means nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, Counter, count_up, table_of
from services.chassis.ids import new_id
from services.chassis.log import correlation_id
from services.contracts import Contract, Event, to_envelope


class OutboxRow(ChassisBase):
    """One event on its way to one subscriber.

    `envelope` is None once it is kept no longer: such a row can never be sent again.
    """

    __tablename__ = "outbox"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscriber: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    type: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(80))
    envelope: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    created_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime]
    last_sent_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "ix_outbox_due",
            "next_attempt_at",
            "event_id",
            sqlite_where=sa.text("confirmed_at IS NULL"),
            postgresql_where=sa.text("confirmed_at IS NULL"),
        ),
        sa.Index("ix_outbox_subject", "subject"),
        sa.Index(
            "ix_outbox_told",
            "confirmed_at",
            sqlite_where=sa.text("envelope IS NOT NULL AND confirmed_at IS NOT NULL"),
            postgresql_where=sa.text("envelope IS NOT NULL AND confirmed_at IS NOT NULL"),
        ),
    )


_rows = table_of(OutboxRow)
_WRITE = sa.insert(_rows)
_FORGET_UNSENT = sa.delete(_rows).where(
    _rows.c.type == sa.bindparam("of_type"),
    _rows.c.subject == sa.bindparam("about"),
    _rows.c.attempts == 0,
)


class SubjectSequence(ChassisBase):
    """The number of a subject's newest event; see `publish_all` for how they are counted."""

    __tablename__ = "subject_sequence"

    subject: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    last: Mapped[Counter]


class ConfirmationRow(ChassisBase):
    """A confirmation that the relay has yet to send to the producer of an event."""

    __tablename__ = "confirmation"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(sa.String(40))


@dataclass(frozen=True)
class News:
    """What an event shall say: its data in Python values, and what is `ready` as in `dump`.

    `correlation` is that of the request it comes from, if that is not ours.
    """

    contract: Contract
    subject: UUID | str
    data: dict[str, Any]
    ready: dict[str, Any] = field(default_factory=dict)
    correlation: str = ""


def publish(
    db: Session, contract: Contract, *, subject: UUID | str, data: dict[str, Any], now: datetime
) -> Event:
    """Write an event for each of its subscribers; it leaves when the transaction has committed.

    ValueError when the data do not fit the contract.
    """
    [event] = publish_all(db, [News(contract, subject, data)], now=now)
    return event


def publish_all(db: Session, news: Sequence[News], *, now: datetime) -> list[Event]:
    """Write events, each about another subject, as `publish` does.

    Their sequence is the moment in milliseconds, or one more than the subject's last: so a
    database that was restored to an earlier moment does not count again what others have seen.
    """
    numbers = _next_numbers(db, [str(each.subject) for each in news], now)
    events = [_event(each, numbers[str(each.subject)], now) for each in news]
    rows = []
    for each, event in zip(news, events, strict=True):
        if each.contract.latest_only:
            _forget_older(db, event)
        envelope = to_envelope(event)
        rows += [_row(event, consumer, envelope) for consumer in each.contract.consumers]
    if rows:
        db.execute(_WRITE, rows)
    return events


def confirm(db: Session, subscriber: str, event_ids: Iterable[UUID], now: datetime) -> None:
    """Note that a subscriber has dealt with these events of ours.

    Of one that is to go out again and has not yet, the confirmation is from before a restore.
    """
    ours = (OutboxRow.subscriber == subscriber, OutboxRow.event_id.in_(list(event_ids)))
    is_outdated = sa.and_(OutboxRow.attempts > 0, OutboxRow.last_sent_at.is_(None))
    db.execute(sa.update(OutboxRow).where(*ours, ~is_outdated).values(confirmed_at=now))


def send_again(db: Session, subscriber: str, since: datetime, now: datetime) -> int:
    """Let go out again what a subscriber has confirmed since a moment; returns how many events.

    For a subscriber whose database was restored to that moment. They count as sent before, so
    that they do not flood its queue.
    """
    is_kept = OutboxRow.envelope.is_not(None)
    lost = (OutboxRow.subscriber == subscriber, OutboxRow.confirmed_at >= since, is_kept)
    due = {"confirmed_at": None, "attempts": 1, "last_sent_at": None, "next_attempt_at": now}
    again = sa.update(OutboxRow).where(*lost).values(**due).returning(OutboxRow.event_id)
    return len(db.execute(again).all())


def _next_numbers(db: Session, subjects: list[str], now: datetime) -> dict[str, int]:
    milliseconds = int(now.timestamp() * 1000)
    return count_up(db, SubjectSequence.last, subjects, at_least=milliseconds)


def _event(news: News, sequence: int, now: datetime) -> Event:
    return Event(
        id=new_id(),
        type=news.contract.type,
        source=news.contract.producer,
        subject=str(news.subject),
        time=now,
        sequence=sequence,
        correlationid=news.correlation or correlation_id() or str(new_id()),
        data=news.contract.dump(news.data, news.ready),
    )


def _row(event: Event, subscriber: str, envelope: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "subscriber": subscriber,
        "type": event.type,
        "subject": event.subject,
        "envelope": envelope,
        "created_at": event.time,
        "attempts": 0,
        "next_attempt_at": event.time,
    }


def _forget_older(db: Session, event: Event) -> None:
    db.execute(_FORGET_UNSENT, {"of_type": event.type, "about": event.subject})
