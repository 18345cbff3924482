"""What must be true of seats and lines: none oversold, none idle, nobody overtaken."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from services.chassis.db import hex_of
from services.chassis.delivery_invariants import sequence_of_event
from services.chassis.invariants import (
    LOCK_WAIT,
    RECENT,
    REGISTRATION,
    SESSION,
    SETTLED,
    Found,
    invariant,
    message,
)
from services.chassis.outbox import OutboxRow
from services.contracts.sessions import SEATS_CHANGED
from services.registration.models import (
    HOLDING,
    LIVE,
    OFFERED,
    WAITING,
    HistoryEntry,
    Registration,
    WorkshopSession,
)

CALL_THE_DEVELOPERS = message(
    "Put it right on the page that it links to, and tell the developers how it came about."
)
_STAFF_CHOSE = ("confirm_asked", "offer_asked", "moved_here")
_LEFT_LINE = (
    *("offered", "confirmed", "declined", "lapsed"),
    *("cancelled", "left", "closed", "moved_away"),
)


@invariant(
    "I1",
    SESSION,
    wrong=message("More people hold seats than there are, and nobody allowed it."),
    cure=CALL_THE_DEVELOPERS,
)
def nobody_is_beyond_capacity(db: Session, now: datetime) -> Found:
    """Seats held are within capacity, but for what staff allowed or a lower capacity left over.

    After the capacity was lowered, nobody gets a seat while more are held than there are.
    """
    holding, changed = _seats_in_use(), _capacity_changes()
    query = sa.select(WorkshopSession.id, holding.c.gained, changed.c.at)
    query = query.join(holding, holding.c.session_id == WorkshopSession.id)
    query = query.outerjoin(changed, changed.c.session_id == WorkshopSession.id)
    rows = db.execute(query.where(holding.c.held > WorkshopSession.capacity))
    return [key for key, gained, at in rows if at is None or gained > at + LOCK_WAIT]


@invariant(
    "I2",
    REGISTRATION,
    wrong=message("Somebody has two places in the same session."),
    cure=message("Cancel one of the two places, and tell the developers."),
)
def one_place_for_each_person(db: Session, now: datetime) -> Found:
    """A person has at most one live registration in a session."""
    other = aliased(Registration)
    same = other.session_id == Registration.session_id, other.person_id == Registration.person_id
    live = Registration.state.in_(LIVE), other.state.in_(LIVE), other.id != Registration.id
    return db.scalars(sa.select(Registration.id).join(other, sa.and_(*same)).where(*live))


@invariant(
    "I4",
    SESSION,
    wrong=message("A seat is free while somebody waits for it."),
    cure=message("Offer the seat to the first in line, and tell the developers."),
)
def no_seat_is_idle(db: Session, now: datetime) -> Found:
    """While seats are given away, none is free when somebody waits who is not held back."""
    begins = WorkshopSession.facts[("days", 0, "starts")].as_string()
    is_open = (
        WorkshopSession.status == "published",
        WorkshopSession.closes_at > now,
        sa.or_(begins.is_(None), WorkshopSession.starts_at > now),
    )
    waits = _in_session(Registration.state == WAITING, Registration.hold_reason == "")
    has_free = WorkshopSession.capacity > _in_session(Registration.state.in_(HOLDING))
    return db.scalars(sa.select(WorkshopSession.id).where(*is_open, has_free, waits > 0))


@invariant(
    "I5",
    REGISTRATION,
    wrong=message("Somebody was overtaken in the waiting list, and nobody decided so."),
    cure=message("Offer them a seat if one can be found, and tell the developers."),
)
def nobody_is_overtaken(db: Session, now: datetime) -> Found:
    """Of two in line the first gets a seat no later, unless held back or staff chose otherwise.

    Who was first is told by the times of the commands, which two web processes may have had by
    clocks that are not quite the same, or been given their turns the other way round.
    """
    first, later = aliased(Registration), aliased(Registration)
    left, gained = _left_line().alias(), _left_line().alias()
    columns = (first.id, gained.c.at, left.c.at)
    query = sa.select(*columns).join(later, later.session_id == first.session_id)
    query = query.join(gained, gained.c.registration_id == later.id)
    query = query.outerjoin(left, left.c.registration_id == first.id)
    in_order = first.arrival < later.arrival, first.priority <= later.priority
    got_seat = sa.func.coalesce(later.offered_at, later.confirmed_at).is_not(None)
    still_there = sa.or_(left.c.at.is_(None), left.c.at > gained.c.at)
    by_rule = first.id.not_in(_with_entry("held_back", *_STAFF_CHOSE))
    by_turn = later.id.not_in(_with_entry(*_STAFF_CHOSE))
    recent = first.session_id.in_(recent_sessions(now))
    rows = db.execute(query.where(*in_order, got_seat, still_there, by_rule, by_turn, recent))
    return [key for key, seat, gone in rows if gone is None or gone > seat + LOCK_WAIT]


@invariant(
    "I6",
    REGISTRATION,
    wrong=message("An offer stands though its time is over."),
    cure=message("Ask whoever runs the site whether the clock runs; `turnout doctor` tells."),
)
def no_offer_outlives_its_deadline(db: Session, now: datetime) -> Found:
    """No offer stands five minutes after its deadline, or without one."""
    late = sa.or_(Registration.offered_until.is_(None), Registration.offered_until < now - SETTLED)
    return db.scalars(sa.select(Registration.id).where(Registration.state == OFFERED, late))


@invariant(
    "I8",
    SESSION,
    wrong=message("Two people have the same number of arrival, or one that was never given."),
    cure=CALL_THE_DEVELOPERS,
)
def arrivals_are_counted_rightly(db: Session, now: datetime) -> Found:
    """Each of a session's registrations has an arrival number of its own, up to its counter."""
    rows, highest = sa.func.count(), sa.func.max(Registration.arrival)
    numbers = sa.func.count(sa.distinct(Registration.arrival))
    query = sa.select(WorkshopSession.id).join(Registration).group_by(WorkshopSession.id)
    return db.scalars(query.having(sa.or_(numbers != rows, highest > WorkshopSession.arrivals)))


@invariant(
    "I8",
    SESSION,
    wrong=message("The numbers of seats that were last announced are not those of the places."),
    cure=CALL_THE_DEVELOPERS,
)
def seats_are_announced_as_they_are(db: Session, now: datetime) -> Found:
    """The seats last announced are the confirmed and offered, the waiting, and the capacity."""
    newest = _newest_announcements().subquery()
    query = sa.select(WorkshopSession.id).join(newest, newest.c.key == hex_of(WorkshopSession.id))
    held, waiting = (
        _in_session(Registration.state.in_(HOLDING)),
        _in_session(Registration.state == WAITING),
    )
    differ = (
        newest.c.capacity != WorkshopSession.capacity,
        newest.c.held != held,
        newest.c.waiting != waiting,
    )
    return db.scalars(query.where(newest.c.number == 1, sa.or_(*differ)))


SEAT_INVARIANTS = (
    nobody_is_beyond_capacity,
    one_place_for_each_person,
    no_seat_is_idle,
    nobody_is_overtaken,
    no_offer_outlives_its_deadline,
    arrivals_are_counted_rightly,
    seats_are_announced_as_they_are,
)


def recent_sessions(now: datetime) -> sa.Select[Any]:
    """The sessions that are to come, or are lately over."""
    return sa.select(WorkshopSession.id).where(WorkshopSession.ends_on >= (now - RECENT).date())


def _seats_in_use() -> sa.Subquery:
    """How many hold a seat of each session by the rules, and when the last of them got it."""
    gained = sa.func.coalesce(
        Registration.offered_at, Registration.confirmed_at, Registration.joined_at
    )
    columns = (
        Registration.session_id,
        sa.func.count().label("held"),
        sa.func.max(gained).label("gained"),
    )
    by_rule = Registration.state.in_(HOLDING), Registration.over_capacity.is_(False)
    return sa.select(*columns).where(*by_rule).group_by(Registration.session_id).subquery()


def _capacity_changes() -> sa.Subquery:
    """When the capacity of each session was last changed."""
    at = sa.func.max(HistoryEntry.at).label("at")
    changes = sa.select(HistoryEntry.session_id, at).where(
        HistoryEntry.action == "capacity_changed"
    )
    return changes.group_by(HistoryEntry.session_id).subquery()


def _in_session(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    """How many registrations of the session in hand meet the conditions."""
    query = sa.select(sa.func.count()).select_from(Registration)
    of_session = Registration.session_id == WorkshopSession.id
    return query.where(of_session, *conditions).correlate(WorkshopSession).scalar_subquery()


def _left_line() -> sa.Subquery:
    """When each registration ceased to wait."""
    at = sa.func.min(HistoryEntry.at).label("at")
    query = sa.select(HistoryEntry.registration_id, at).where(HistoryEntry.action.in_(_LEFT_LINE))
    return query.group_by(HistoryEntry.registration_id).subquery()


def _with_entry(*actions: str) -> sa.Select[Any]:
    return sa.select(HistoryEntry.registration_id).where(
        HistoryEntry.action.in_(actions), HistoryEntry.registration_id.is_not(None)
    )


def _newest_announcements() -> sa.Select[Any]:
    """What was announced of each session's seats; number 1 is the newest."""
    said = OutboxRow.envelope["data"]
    newest_first = sequence_of_event().desc()
    return sa.select(
        sa.func.replace(OutboxRow.subject, "-", "").label("key"),
        *(said[name].as_integer().label(name) for name in ("capacity", "held", "waiting")),
        sa.func.row_number()
        .over(partition_by=OutboxRow.subject, order_by=newest_first)
        .label("number"),
    ).where(OutboxRow.type == SEATS_CHANGED.type)
