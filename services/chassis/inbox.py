"""The inbox: each event has its effect once, or is parked where staff can see and replay it."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import sqlalchemy as sa
from marshmallow import ValidationError
from sqlalchemy.orm import Mapped, Session, mapped_column
from structlog.contextvars import bound_contextvars

from services.chassis.db import ChassisBase, Database, insert_all_new, insert_new, locked
from services.chassis.log import logger
from services.chassis.outbox import ConfirmationRow
from services.contracts import CONTRACTS, Event, from_envelope
from services.contracts.storable import unstorable

ATTEMPTS_BEFORE_PARKING = 5
MOST_IN_ONE_TRANSACTION = 20
"""So few that others who want to write do not wait for long."""
_LONGEST_REASON = 2_000
APPLIED, FAILED, PARKED, REFUSED = "applied", "failed", "parked", "refused"
ENDED_ITS_PROCESS = "The process ended while it handled this event."

log = logger(__name__)

Handler = Callable[[Session, Event, datetime], None]
Handlers = Mapping[str, Handler]
"""What a service does on each type of event, in the transaction of the inbox row."""


class InboxRow(ChassisBase):
    """An event that has arrived, and what became of it; failures keep envelope and error."""

    __tablename__ = "inbox"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    producer: Mapped[str] = mapped_column(sa.String(40))
    type: Mapped[str] = mapped_column(sa.String(80))
    subject: Mapped[str] = mapped_column(sa.String(80))
    received_at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(sa.String(20), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    envelope: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


@dataclass(frozen=True)
class Inbox:
    """The receiving end of one service."""

    database: Database
    handlers: Handlers

    def receive(self, envelope: Any, now: datetime, *, again: bool = False) -> None:
        """Handle an event unless it has been; park what cannot be read or keeps failing.

        `again` tells that it was sent before: the handling of it may have ended a process.
        """
        try:
            event = self._read(envelope)
        except ValidationError as problem:
            self.park(envelope, str(problem), now)
            return
        with _bound(event):
            if not again or self._may_be_tried(event, envelope, now):
                self._receive(event, envelope, now, is_counted=again)

    def receive_together(self, envelopes: Sequence[Any], now: datetime) -> None:
        """Handle events that come for the first time, many of them in one transaction.

        If there is anything about one of them, its transaction is undone, and all that were in
        it are received one by one.
        """
        for first in range(0, len(envelopes), MOST_IN_ONE_TRANSACTION):
            some = envelopes[first : first + MOST_IN_ONE_TRANSACTION]
            try:
                self._receive_all(some, now)
            except sa.exc.OperationalError:
                raise  # The database is away or busy: the producer sends the events again.
            except Exception as problem:
                log.info("events are handled one by one", reason=type(problem).__name__)
                for envelope in some:
                    self.receive(envelope, now)

    def park(self, message: Any, reason: str, now: datetime) -> None:
        """Keep what is no event of ours where staff can see it; the same message only once."""
        log.error("event unreadable")
        content = json.dumps([reason, message], sort_keys=True, default=str)
        envelope = message if isinstance(message, dict) and not unstorable(message) else None
        row = InboxRow(
            event_id=uuid5(NAMESPACE_OID, content),
            producer="unknown",
            type="unknown",
            subject="unknown",
            received_at=now,
            outcome=PARKED,
            attempts=1,
            error=_storable(reason),
            envelope=envelope,
        )
        with self.database.writing() as db:
            db.merge(row)

    def replay(self, event_id: UUID, now: datetime) -> bool:
        """Try a parked event again at once, as staff asked; tells whether it worked.

        It stays parked until it has had its effect: its producer sends it no more.
        """
        try:
            with self.database.writing() as db:
                return self._replay(db, event_id, now)
        except sa.exc.OperationalError:
            raise  # The database is away or busy: staff may try again.
        except Exception as problem:
            log.exception("parked event failed again", event_id=str(event_id))
            with self.database.writing() as db:
                row = locked(db, InboxRow, event_id)
                if row is not None and row.outcome == PARKED:
                    row.attempts, row.error = row.attempts + 1, _told(problem)
            return False

    def _replay(self, db: Session, event_id: UUID, now: datetime) -> bool:
        row = locked(db, InboxRow, event_id)
        if row is None or row.envelope is None or row.outcome != PARKED:
            return False
        event = self._read(row.envelope)
        row.outcome = FAILED
        with _bound(event):
            self._handle(db, event, now, is_counted=False)
        # A message that nobody could read was parked under another id than its event's.
        row.outcome, row.error, row.envelope = APPLIED, "", None
        return True

    def _read(self, envelope: Any) -> Event:
        """ValidationError when it is none, or not for us, or not from who may say it."""
        event = from_envelope(envelope)
        if event.type not in self.handlers:
            raise ValidationError("No such event is handled here.", "type")
        if event.source != CONTRACTS[event.type].producer:
            raise ValidationError("This producer does not say such things.", "source")
        return event

    def _receive_all(self, envelopes: Sequence[Any], now: datetime) -> None:
        """All or nothing: a ValueError if one of them can be none that comes for the first time."""
        events = [self._read(each) for each in envelopes]
        with self.database.writing() as db:
            _claim_all(db, events, now)
            for event in events:
                with _bound(event):
                    self._apply(db, event, now)

    def _may_be_tried(self, event: Event, envelope: dict[str, Any], now: datetime) -> bool:
        """Count an attempt before it is made; False when there were too many, and it is parked.

        Otherwise an event that kills whoever handles it would leave no trace, and go on for ever.
        """
        with self.database.writing() as db:
            row = _failed_row(db, event, now)
            if row is None:
                return True  # It has had its effect, or is parked: only its confirmation is due.
            row.envelope = envelope
            if row.attempts >= ATTEMPTS_BEFORE_PARKING:
                _park(db, row, event)
                return False
            row.attempts, row.error = row.attempts + 1, ENDED_ITS_PROCESS
            return True

    def _receive(
        self, event: Event, envelope: dict[str, Any], now: datetime, *, is_counted: bool
    ) -> None:
        try:
            with self.database.writing() as db:
                self._handle(db, event, now, is_counted=is_counted)
        except sa.exc.OperationalError:
            if is_counted:
                self._take_back_attempt(event)
            raise  # The database is away or busy: the producer sends the event again.
        except Exception as problem:
            log.exception("event failed", event_id=str(event.id))
            with self.database.writing() as db:
                row = _failed_row(db, event, now)
                if row is None:
                    return  # Another copy of the event has got through meanwhile.
                row.attempts += not is_counted
                row.error = _told(problem)
                row.envelope, hopeless = envelope, isinstance(problem, ValidationError)
                if hopeless or row.attempts >= ATTEMPTS_BEFORE_PARKING:
                    _park(db, row, event)

    def _take_back_attempt(self, event: Event) -> None:
        """It was the database that failed, and not the event."""
        with self.database.writing() as db:
            row = locked(db, InboxRow, event.id)
            if row is not None and row.outcome == FAILED:
                row.attempts -= 1

    def _handle(self, db: Session, event: Event, now: datetime, *, is_counted: bool) -> None:
        _owe_confirmation(db, event)
        if not self._is_done(db, event, now, is_counted=is_counted):
            self._apply(db, event, now)

    def _apply(self, db: Session, event: Event, now: datetime) -> None:
        handler, contract = self.handlers[event.type], CONTRACTS[event.type]
        handler(db, replace(event, data=contract.load(event.data)), now)

    def _is_done(self, db: Session, event: Event, now: datetime, *, is_counted: bool) -> bool:
        """Claim the event; False when it has yet to have its effect.

        The row stays locked meanwhile: two copies of an event that failed before must not both
        be tried.
        """
        if insert_new(db, InboxRow, **_columns(event), **_first_time(now)):
            return False
        row = locked(db, InboxRow, event.id)
        if row is None or row.outcome != FAILED:
            return True
        row.outcome, row.error, row.envelope = APPLIED, "", None
        row.attempts += not is_counted
        return False


def _bound(event: Event) -> AbstractContextManager[None]:
    """What is logged meanwhile tells which event it belongs to."""
    return bound_contextvars(correlation_id=event.correlationid, event_type=event.type)


def _told(problem: Exception) -> str:
    return _storable(f"{type(problem).__name__}: {problem}")


def _storable(reason: str) -> str:
    """A reason that any database can hold and a page can show."""
    plain = reason.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    return plain[:_LONGEST_REASON]


def _failed_row(db: Session, event: Event, now: datetime) -> InboxRow | None:
    """The row of an event that has not been handled yet, locked; None when it has, or is parked."""
    blank = {"received_at": now, "outcome": FAILED, "attempts": 0, "error": ""}
    insert_new(db, InboxRow, **_columns(event), **blank)
    row = locked(db, InboxRow, event.id)
    return row if row is not None and row.outcome == FAILED else None


def _park(db: Session, row: InboxRow, event: Event) -> None:
    """Leave it to staff, and let its producer rest."""
    row.outcome = PARKED
    _owe_confirmation(db, event)


def _first_time(now: datetime) -> dict[str, Any]:
    return {"received_at": now, "outcome": APPLIED, "attempts": 1, "error": ""}


def _columns(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "producer": event.source,
        "type": event.type,
        "subject": event.subject,
    }


def _owe_confirmation(db: Session, event: Event) -> None:
    insert_new(db, ConfirmationRow, event_id=event.id, producer=event.source)


def _claim_all(db: Session, events: Sequence[Event], now: datetime) -> None:
    """Note these events as handled; ValueError when one has been here before, or is there twice."""
    rows = [_columns(event) | _first_time(now) for event in events]
    if len(insert_all_new(db, InboxRow, rows)) < len(events):
        raise ValueError("not all of these events are new")
    owed = [{"event_id": event.id, "producer": event.source} for event in events]
    insert_all_new(db, ConfirmationRow, owed)
