"""The relay: sends what is due in the outbox, and the confirmations that are owed.

The only place that speaks to the broker. What it has sent is due again, with growing patience,
until its subscriber has confirmed it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from celery import Celery
from sqlalchemy.orm import Session

from services.chassis.db import Database, table_of
from services.chassis.outbox import ConfirmationRow, OutboxRow
from services.chassis.seals import HEADER, seal
from services.contracts import SERVICES
from services.contracts.plumbing import (
    CANARY,
    EVENT_CONFIRMED,
    EVENTS_SENT,
    MOST_CONFIRMED_AT_ONCE,
    MOST_SENT_AT_ONCE,
)

LARGEST_TOGETHER = 256 * 1024
"""In characters of JSON; an event that is larger goes alone."""
FIRST_RETRY_SECONDS = 6
LONGEST_RETRY_SECONDS = 600
LONGEST_QUEUE_TO_RESEND_INTO = 200
SENT_AGAIN = "sent_again"
_LARGEST_EXPONENT = 10

_events, _confirmations = table_of(OutboxRow), table_of(ConfirmationRow)
_IS_DUE = (
    _events.c.confirmed_at.is_(None),
    _events.c.next_attempt_at <= sa.bindparam("now", type_=_events.c.next_attempt_at.type),
    _events.c.envelope.is_not(None),  # What is kept no longer can never be sent.
)
_DUE = (
    sa.select(_events)
    .where(*_IS_DUE)
    .order_by(_events.c.next_attempt_at, _events.c.event_id)
    .limit(MOST_SENT_AT_ONCE)
)
_OWED = sa.select(_confirmations).limit(MOST_CONFIRMED_AT_ONCE)
_IS_ANY_DUE = sa.select(
    sa.or_(sa.exists().where(*_IS_DUE), sa.exists(sa.select(_confirmations.c.event_id)))
)
"""Asked ten times a second by each service, day and night."""
_ROW_UPDATE = sa.update(_events).where(
    _events.c.event_id == sa.bindparam("id"), _events.c.subscriber == sa.bindparam("to")
)


def relay(database: Database, celery: Celery, now: datetime) -> int:
    """Send what is due and the confirmations we owe; returns how many messages went out.

    Raises kombu's OperationalError while the broker cannot be reached; all stays due.
    """
    if not database.look(_IS_ANY_DUE, now=now)[0]:
        return 0
    with database.reading() as db:
        due = db.execute(_DUE, {"now": now}).all()
        owed = db.execute(_OWED).all()
    lengths = _queue_lengths(celery, {row.subscriber for row in due if row.attempts})
    full = {queue for queue, length in lengths.items() if length > LONGEST_QUEUE_TO_RESEND_INTO}
    sendable = [row for row in due if row.subscriber not in full]
    _send_events(celery, sendable)
    _send_confirmations(celery, owed)
    with database.writing() as db:
        _note_sent(db, sendable, now)
        _postpone(db, [row for row in due if row.subscriber in full], now)
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


def _queue_lengths(celery: Celery, queues: set[str]) -> dict[str, int]:
    """How much waits in each queue; asked only for those that something is sent to again."""
    lengths: dict[str, int] = defaultdict(int)
    if queues:
        with celery.connection_for_write() as connection:
            client = connection.default_channel.client
            lengths.update({queue: int(client.llen(queue)) for queue in queues})
    return lengths


def _send_events(celery: Celery, rows: Sequence[sa.Row[Any]]) -> None:
    """The new ones together; again one by one, as one may be an event that ends who handles it."""
    new: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        if row.attempts:
            _send(celery, row.type, row.envelope, row.subscriber, again=True)
        else:
            new[row.subscriber].append(row.envelope)
    for subscriber, envelopes in new.items():
        for some in _together(envelopes):
            _send(celery, EVENTS_SENT.type, EVENTS_SENT.dump({"envelopes": some}), subscriber)


def _together(envelopes: Iterable[Any]) -> Iterator[list[Any]]:
    """Divide them into messages that are not too large."""
    some: list[Any] = []
    size = 0
    for envelope in envelopes:
        length = len(json.dumps(envelope))
        if some and size + length > LARGEST_TOGETHER:
            yield some
            some, size = [], 0
        some.append(envelope)
        size += length
    if some:
        yield some


def _send_confirmations(celery: Celery, rows: Sequence[sa.Row[Any]]) -> None:
    by_producer: dict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        by_producer[row.producer].append(row.event_id)
    for producer, event_ids in by_producer.items():
        data = {"subscriber": celery.main, "event_ids": event_ids}
        _send(celery, EVENT_CONFIRMED.type, EVENT_CONFIRMED.dump(data), producer)


def _send(celery: Celery, task: str, message: Any, queue: str, *, again: bool = False) -> None:
    """Seal one message and hand it to the broker; its content stays out of headers and logs."""
    sealed = seal(celery.conf.seal_keys, task, queue, message)
    headers = {HEADER: sealed, **({SENT_AGAIN: True} if again else {})}
    hidden = {"argsrepr": "***", "kwargsrepr": "***"}
    celery.send_task(task, args=[message], queue=queue, headers=headers, **hidden)


def _note_sent(db: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    """In the order of their ids, as whoever else writes several of them does."""
    noted = [
        {
            **_key(row),
            "attempts": row.attempts + 1,
            "last_sent_at": now,
            "next_attempt_at": now + _patience(row.attempts),
        }
        for row in sorted(rows, key=lambda each: each.event_id)
    ]
    if noted:
        db.execute(_ROW_UPDATE, noted)


def _patience(attempts: int) -> timedelta:
    """How long to wait for the confirmation of an event that was sent so often before."""
    wait = FIRST_RETRY_SECONDS * 2 ** min(attempts, _LARGEST_EXPONENT)
    return timedelta(seconds=min(wait, LONGEST_RETRY_SECONDS))


def _postpone(db: Session, rows: Sequence[sa.Row[Any]], now: datetime) -> None:
    later = now + timedelta(seconds=FIRST_RETRY_SECONDS)
    if rows:
        db.execute(_ROW_UPDATE, [{**_key(row), "next_attempt_at": later} for row in rows])


def _key(row: sa.Row[Any]) -> dict[str, Any]:
    return {"id": row.event_id, "to": row.subscriber}


def _forget_confirmations(db: Session, rows: Sequence[sa.Row[Any]]) -> None:
    event_ids = [row.event_id for row in rows]
    if event_ids:
        db.execute(sa.delete(ConfirmationRow).where(ConfirmationRow.event_id.in_(event_ids)))
