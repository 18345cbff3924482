"""What must be true of the catalogue's own rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.models import SeatCount, SessionDay, WorkshopSession
from services.chassis.invariants import SESSION, Found, invariant, message


@dataclass(frozen=True)
class Seats:
    """How full the catalogue shows a session to be."""

    capacity: int
    held: int
    waiting: int


@invariant(
    "I8",
    SESSION,
    wrong=message("A session is found under other dates than those of its days."),
    cure=message("Open the session, save it again as it is, and tell the developers."),
)
def dates_repeat_the_days(db: Session, now: datetime) -> Found:
    """The first and last day that a session is found by are those of its days."""
    first, last = sa.func.min(SessionDay.date), sa.func.max(SessionDay.date)
    query = sa.select(WorkshopSession.id).join(
        SessionDay, SessionDay.session_id == WorkshopSession.id
    )
    differ = (
        WorkshopSession.first_day.is_distinct_from(first),
        WorkshopSession.last_day.is_distinct_from(last),
    )
    groups = query.group_by(WorkshopSession.id, WorkshopSession.first_day, WorkshopSession.last_day)
    return db.scalars(groups.having(sa.or_(*differ)))


INVARIANTS = (dates_repeat_the_days,)


def seats_shown(db: Session) -> Mapping[UUID, Seats]:
    """How full each session is, as far as the catalogue has heard."""
    columns = SeatCount.session_id, SeatCount.capacity, SeatCount.held, SeatCount.waiting
    return {key: Seats(*numbers) for key, *numbers in db.execute(sa.select(*columns))}
