"""Registration's invariants, and the facts by which the other services' copies are judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.invariants import SETTLED
from services.chassis.outbox import OutboxRow
from services.contracts.sessions import SEATS_CHANGED
from services.registration.models import HOLDING, WAITING, Registration, WorkshopSession
from services.registration.seat_invariants import SEAT_INVARIANTS, recent_sessions
from services.registration.story_invariants import STORY_INVARIANTS

INVARIANTS = (*SEAT_INVARIANTS, *STORY_INVARIANTS)


@dataclass(frozen=True)
class Seats:
    """How full a session is."""

    capacity: int
    held: int
    waiting: int


def settled_places(db: Session, now: datetime) -> Mapping[UUID, str]:
    """The states of the places in sessions to come or lately over that no longer change."""
    times = (Registration.joined_at, Registration.offered_at, Registration.confirmed_at)
    rows = db.execute(
        sa.select(Registration.id, Registration.state).where(
            *(sa.or_(at.is_(None), at < now - SETTLED) for at in (*times, Registration.ended_at)),
            Registration.session_id.in_(recent_sessions(now)),
        )
    )
    return {key: state for key, state in rows}  # noqa: C416 - its rows are no plain pairs to mypy.


def all_places(db: Session) -> set[UUID]:
    """Every registration there is."""
    return set(db.scalars(sa.select(Registration.id)))


def settled_seats(db: Session, now: datetime) -> Mapping[UUID, Seats]:
    """How full each session is of which nothing was announced just now."""
    young = sa.select(OutboxRow.subject).where(
        OutboxRow.type == SEATS_CHANGED.type, OutboxRow.created_at >= now - SETTLED
    )
    changing = {UUID(subject) for subject in db.scalars(young)}
    states = sa.select(Registration.session_id, Registration.state, sa.func.count())
    counted = db.execute(states.group_by(Registration.session_id, Registration.state))
    counts = {(key, state): count for key, state, count in counted}
    sessions = db.execute(sa.select(WorkshopSession.id, WorkshopSession.capacity))
    return {
        key: Seats(
            capacity,
            held=sum(counts.get((key, state), 0) for state in HOLDING),
            waiting=counts.get((key, WAITING), 0),
        )
        for key, capacity in sessions
        if key not in changing
    }
