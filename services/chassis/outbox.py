"""The outbox: events written in the producer's transaction, and the relay that sends them.

A row stays due until its subscriber has confirmed it; having been published means nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from celery import Celery
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, Counter, Database, count_up, table_of
from services.chassis.ids import new_id
from services.chassis.log import correlation_id
from services.chassis.seals import HEADER, seal
from services.contracts import SERVICES, Contract, Event, to_envelope
from services.contracts.plumbing import CANARY, EVENT_CONFIRMED, MOST_CONFIRMED_AT_ONCE

BATCH = 100
FIRST_RETRY_SECONDS = 6
LONGEST_RETRY_SECONDS = 600
LONGEST_QUEUE_TO_RESEND_INTO = 200
SENT_AGAIN = "sent_again"
_LARGEST_EXPONENT = 10


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
    """The number of a subject's newest event; see `publish` for how they are counted."""

    __tablename__ = "subject_sequence"

    subject: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    last: Mapped[Counter]


class ConfirmationRow(ChassisBase):
    """A confirmation that the relay has yet to send to the producer of an event."""

    __tablename__ = "confirmation"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(sa.String(40))


def publish(
    db: Session, contract: Contract, *, subject: UUID | str, data: dict[str, Any], now: datetime
) -> Event:
    """Write an event for each of its subscribers; it leaves when the transaction has committed.

    Its sequence is the moment in milliseconds, or one more than the subject's last: so a
    database that was restored to an earlier moment does not count again what others have seen.
    ValueError when the data do not fit the contract.
    """
    event = Event(
        id=new_id(),
        type=contract.type,
        source=contract.producer,
        subject=str(subject),
        time=now,
        sequence=_next_sequence(db, str(subject), now),
        correlationid=correlation_id() or str(new_id()),
        data=contract.dump(data),
    )
    if contract.latest_only:
        _forget_older(db, event)
    envelope = to_envelope(event)
    if contract.consumers:
        db.execute(_WRITE, [_row(event, each, envelope) for each in contract.consumers])
    return event


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


def relay(database: Database, celery: Celery, now: datetime) -> int:
    """Send what is due and the confirmations we owe; returns how many messages went out.

    Raises kombu's OperationalError while the broker cannot be reached; all stays due.
    """
    with database.reading() as db:
        due = _due(db, now)
        owed = db.scalars(sa.select(ConfirmationRow).limit(MOST_CONFIRMED_AT_ONCE)).all()
    if not due and not owed:
        return 0
    lengths = _queue_lengths(celery, {row.subscriber for row in due if row.attempts})
    sendable = [row for row in due if lengths[row.subscriber] <= LONGEST_QUEUE_TO_RESEND_INTO]
    _send_events(celery, sendable)
    _send_confirmations(celery, owed)
    with database.writing() as db:
        _note_sent(db, sendable, now)
        _postpone(db, [row for row in due if row not in sendable], now)
        _forget_confirmations(db, owed)
    return len(sendable) + len(owed)


def send_canary(celery: Celery, service: str, *, is_late: bool, now: datetime) -> None:
    """Let a canary go through the service's own queue, and through those that get on."""
    message = CANARY.dump({"sent_at": now, "service": service, "is_late": is_late})
    others = set(SERVICES) - {service}
    lengths = _queue_lengths(celery, others)
    for queue in (service, *sorted(others)):
        if queue == service or lengths[queue] <= LONGEST_QUEUE_TO_RESEND_INTO:
            _send(celery, CANARY.type, message, queue)


def _next_sequence(db: Session, subject: str, now: datetime) -> int:
    milliseconds = int(now.timestamp() * 1000)
    return count_up(db, SubjectSequence.last, at_least=milliseconds, subject=subject)


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


def _due(db: Session, now: datetime) -> Sequence[OutboxRow]:
    return db.scalars(
        sa.select(OutboxRow)
        .where(OutboxRow.confirmed_at.is_(None), OutboxRow.next_attempt_at <= now)
        .order_by(OutboxRow.next_attempt_at, OutboxRow.event_id)
        .limit(BATCH)
    ).all()


def _queue_lengths(celery: Celery, queues: set[str]) -> dict[str, int]:
    """How much waits in each queue; asked only for those that something is sent to again."""
    lengths: dict[str, int] = defaultdict(int)
    if queues:
        with celery.connection_for_write() as connection:
            client = connection.default_channel.client
            lengths.update({queue: int(client.llen(queue)) for queue in queues})
    return lengths


def _send_events(celery: Celery, rows: Sequence[OutboxRow]) -> None:
    for row in rows:
        if row.envelope is not None:
            again = row.attempts > 0
            _send(celery, row.type, row.envelope, row.subscriber, again=again)


def _send_confirmations(celery: Celery, rows: Sequence[ConfirmationRow]) -> None:
    by_producer: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        by_producer[row.producer].append(row.event_id)
    for producer, event_ids in by_producer.items():
        data = {"subscriber": celery.main, "event_ids": event_ids}
        _send(celery, EVENT_CONFIRMED.type, EVENT_CONFIRMED.dump(data), producer)


def _send(
    celery: Celery, task: str, message: dict[str, Any], queue: str, *, again: bool = False
) -> None:
    """Seal one message and hand it to the broker; its content stays out of headers and logs."""
    sealed = seal(celery.conf.seal_keys, task, queue, message)
    headers = {HEADER: sealed, **({SENT_AGAIN: True} if again else {})}
    hidden = {"argsrepr": "***", "kwargsrepr": "***"}
    celery.send_task(task, args=[message], queue=queue, headers=headers, **hidden)


def _note_sent(db: Session, rows: Sequence[OutboxRow], now: datetime) -> None:
    for row in sorted(rows, key=lambda each: each.event_id):
        wait = FIRST_RETRY_SECONDS * 2 ** min(row.attempts, _LARGEST_EXPONENT)
        _update(
            db,
            row,
            attempts=row.attempts + 1,
            last_sent_at=now,
            next_attempt_at=now + timedelta(seconds=min(wait, LONGEST_RETRY_SECONDS)),
        )


def _postpone(db: Session, rows: Sequence[OutboxRow], now: datetime) -> None:
    for row in rows:
        _update(db, row, next_attempt_at=now + timedelta(seconds=FIRST_RETRY_SECONDS))


def _update(db: Session, row: OutboxRow, **values: Any) -> None:
    key = (OutboxRow.event_id == row.event_id, OutboxRow.subscriber == row.subscriber)
    db.execute(sa.update(OutboxRow).where(*key).values(**values))


def _forget_confirmations(db: Session, rows: Sequence[ConfirmationRow]) -> None:
    event_ids = [row.event_id for row in rows]
    if event_ids:
        db.execute(sa.delete(ConfirmationRow).where(ConfirmationRow.event_id.in_(event_ids)))
