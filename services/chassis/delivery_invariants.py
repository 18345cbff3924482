"""What must be true of every service's outbox and inbox."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.chassis.inbox import PARKED, InboxRow
from services.chassis.invariants import EVENT, RECENT, SETTLED, SUBJECT, Found, invariant, message
from services.chassis.outbox import OutboxRow, SubjectSequence
from services.chassis.relay import LONGEST_RETRY_SECONDS

_TELL_THE_DEVELOPERS = message(
    "Ask whoever runs the site to keep a copy of the databases and to tell the developers."
)


@invariant(
    "I10",
    EVENT,
    wrong=message("An event has waited for more than five minutes to be handled."),
    cure=message("Ask whoever runs the site to look with `turnout doctor` what keeps the events."),
)
def events_are_confirmed_in_time(db: Session, now: datetime) -> Found:
    """Every event is confirmed by its subscriber within five minutes."""
    late = OutboxRow.confirmed_at.is_(None), OutboxRow.created_at < now - SETTLED
    return db.scalars(sa.select(OutboxRow.event_id).where(*late))


@invariant(
    "I10",
    EVENT,
    wrong=message("An event that nobody has confirmed would not be sent again."),
    cure=_TELL_THE_DEVELOPERS,
)
def unconfirmed_events_are_due_again(db: Session, now: datetime) -> Found:
    """Every event that is not confirmed is due again within the longest pause."""
    far = now + timedelta(seconds=LONGEST_RETRY_SECONDS) + SETTLED
    never = OutboxRow.confirmed_at.is_(None), OutboxRow.next_attempt_at > far
    return db.scalars(sa.select(OutboxRow.event_id).where(*never))


@invariant(
    "I10",
    EVENT,
    wrong=message("An event could not be handled and is parked."),
    cure=message("Read its error on the page of parked events, and have it tried again there."),
)
def no_event_is_parked(db: Session, now: datetime) -> Found:
    """Every event that arrived has had its effect."""
    return db.scalars(sa.select(InboxRow.event_id).where(InboxRow.outcome == PARKED))


@invariant(
    "I9",
    SUBJECT,
    wrong=message("Two events about the same thing have the same number."),
    cure=_TELL_THE_DEVELOPERS,
)
def events_are_numbered_once(db: Session, now: datetime) -> Found:
    """The events of a subject have different numbers."""
    events, numbers = _distinct(OutboxRow.event_id), _distinct(sequence_of_event())
    return db.scalars(_of_subjects().having(events != numbers))


@invariant(
    "I9",
    SUBJECT,
    wrong=message("The newest event about something is missing from the outbox."),
    cure=_TELL_THE_DEVELOPERS,
)
def the_newest_event_is_there(db: Session, now: datetime) -> Found:
    """The newest event of a subject has the number that the subject stands at."""
    query = _of_subjects().join(SubjectSequence, SubjectSequence.subject == OutboxRow.subject)
    newest, last = sa.func.max(sequence_of_event()), sa.func.max(SubjectSequence.last)
    return db.scalars(query.having(newest != last))


DELIVERY_INVARIANTS = (
    events_are_confirmed_in_time,
    unconfirmed_events_are_due_again,
    no_event_is_parked,
    events_are_numbered_once,
    the_newest_event_is_there,
)


def events_confirmed_by(db: Session, subscriber: str, now: datetime) -> set[UUID]:
    """Our events that a subscriber said lately, though not just now, it has dealt with."""
    at = OutboxRow.confirmed_at
    is_recent = at > now - RECENT, at < now - SETTLED
    query = sa.select(OutboxRow.event_id).where(OutboxRow.subscriber == subscriber, *is_recent)
    return set(db.scalars(query))


def events_received_from(db: Session, producer: str) -> set[UUID]:
    """The events of a producer that have arrived here."""
    return set(db.scalars(sa.select(InboxRow.event_id).where(InboxRow.producer == producer)))


def sequence_of_event() -> sa.ColumnElement[int]:
    """The number of the event in an outbox row; NULL where its content is no longer kept."""
    return sa.cast(OutboxRow.envelope["sequence"].as_string(), sa.BigInteger)


def _of_subjects() -> sa.Select[Any]:
    """The subjects all whose events still have their envelopes."""
    query = sa.select(OutboxRow.subject).group_by(OutboxRow.subject)
    return query.having(sa.func.count() == sa.func.count(sequence_of_event()))


def _distinct(column: sa.ColumnElement[Any] | InstrumentedAttribute[Any]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.distinct(column))
