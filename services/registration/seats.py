"""Seats: the lock on a session, who holds its seats, and giving away those that are free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked, table_of
from services.chassis.outbox import News, publish_all
from services.contracts.registrations import (
    REGISTRATION_CONFIRMED,
    REGISTRATION_OFFERED,
)
from services.contracts.sessions import SEATS_CHANGED
from services.registration.history import note
from services.registration.models import (
    CONFIRMED,
    HOLDING,
    LIVE,
    OFFERED,
    WAITING,
    Registration,
    WorkshopSession,
)
from services.registration.telling import tell
from services.registration.waitlist import (
    check_path,
    offer_deadline,
)
from services.registration.working_days import holidays_of

_places = table_of(Registration).c
_CROWD = (
    sa.select(_places.state, sa.func.count())
    .where(_places.session_id == sa.bindparam("session_id"), _places.state.in_(LIVE))
    .group_by(_places.state)
)
_BEFORE_IN_LINE = sa.select(sa.func.count()).where(
    _places.session_id == sa.bindparam("session_id"),
    _places.state == WAITING,
    sa.tuple_(_places.priority, _places.arrival)
    < sa.tuple_(sa.bindparam("priority"), sa.bindparam("arrival")),
)
_sessions = table_of(WorkshopSession)
_ARRIVE = (
    sa.update(_sessions)
    .where(_sessions.c.id == sa.bindparam("session_id"))
    .values(arrivals=_sessions.c.arrivals + sa.bindparam("more"))
    .returning(_sessions.c.arrivals)
)


class UnknownSession(Exception):
    """There is no such published session."""

    reason = "unknown"


def lock_session(db: Session, session_id: UUID) -> WorkshopSession:
    """The session, its seats and its line ours until the transaction ends; UnknownSession."""
    session = locked(db, WorkshopSession, session_id)
    if session is None:
        raise UnknownSession(session_id)
    return session


@dataclass(frozen=True)
class Crowd:
    """How many hold a seat, or have one kept for them, and how many wait."""

    held: int
    waiting: int

    def free(self, session: WorkshopSession) -> int:
        """How many seats of the session can be given; never negative, also when over capacity."""
        return max(session.capacity - self.held, 0)

    def joined(self, held: int, waiting: int) -> "Crowd":
        """With so many more."""
        return Crowd(self.held + held, self.waiting + waiting)


def crowd_of(db: Session, session_id: UUID) -> Crowd:
    """Everybody with a place in a session, counted."""
    rows = db.execute(_CROWD, {"session_id": session_id})
    counts: dict[str, int] = dict(rows.all())
    return Crowd(sum(counts.get(each, 0) for each in HOLDING), counts.get(WAITING, 0))


def free_seats(db: Session, session: WorkshopSession) -> int:
    """How many seats can be given."""
    return crowd_of(db, session.id).free(session)


def is_open(session: WorkshopSession, now: datetime) -> bool:
    """Whether seats are given away at all."""
    return session.status == "published" and now < min(session.closes_at, _latest(session))


def is_over(session: WorkshopSession, now: datetime) -> bool:
    """Whether the last day has passed, where the session is."""
    return now.astimezone(ZoneInfo(session.facts["zone"])).date() > session.ends_on


def place_in_line(db: Session, registration: Registration) -> int | None:
    """The registration's place, from 1; None when it is not waiting."""
    if registration.state != WAITING:
        return None
    mine = {name: getattr(registration, name) for name in ("session_id", "priority", "arrival")}
    return int(db.execute(_BEFORE_IN_LINE, mine).scalar_one()) + 1


def next_in_line(db: Session, session_id: UUID, free: int) -> Sequence[Registration]:
    """Who gets the free seats; those held back keep their place and block nobody."""
    line = (Registration.session_id == session_id, Registration.state == WAITING)
    query = sa.select(Registration).where(*line, Registration.hold_reason == "")
    order = (Registration.priority, Registration.arrival)
    return db.scalars(query.order_by(*order).limit(free)).all()


def fill_seats(db: Session, session: WorkshopSession, now: datetime) -> None:
    """Give every free seat to the next in line; call it with the session locked."""
    if is_open(session, now) and (free := free_seats(db, session)):
        for registration in next_in_line(db, session.id, free):
            if registration.auto_confirm or session.auto_promote:
                confirm(db, registration, now=now, actor="turnout")
            else:
                offer(db, session, registration, now=now, actor="turnout")
    announce_seats(db, session, now)


def confirm(db: Session, registration: Registration, *, now: datetime, actor: str) -> None:
    """Give the seat for good; call it with the session locked and the seat counted."""
    _become(registration, CONFIRMED)
    registration.confirmed_at, registration.offered_until = now, None
    note(db, registration, "confirmed", now=now, actor=actor)
    tell(db, REGISTRATION_CONFIRMED, registration, now=now)


def offer(
    db: Session, session: WorkshopSession, registration: Registration, *, now: datetime, actor: str
) -> None:
    """Keep the seat for somebody until a deadline."""
    _become(registration, OFFERED)
    registration.offered_at, registration.offer_reminded_at = now, None
    registration.offered_until = deadline_of(session, now)
    note(db, registration, "offered", now=now, actor=actor)
    tell(db, REGISTRATION_OFFERED, registration, now=now, until=registration.offered_until)


def next_arrivals(db: Session, session: WorkshopSession, how_many: int) -> range:
    """The numbers of those who sign up now; call it with the session locked."""
    more = {"session_id": session.id, "more": how_many}
    last = int(db.execute(_ARRIVE, more).scalar_one())
    return range(last - how_many + 1, last + 1)


def end(registration: Registration, state: str, now: datetime) -> None:
    """Let a registration end in a state; whoever calls tells of it and fills the seat."""
    _become(registration, state)
    registration.ended_at, registration.offered_until = now, None


def announce_seats(db: Session, session: WorkshopSession, now: datetime) -> None:
    """Tell the catalog how full the session is."""
    db.flush()
    publish_all(db, [seats_news(session, crowd_of(db, session.id))], now=now)


def seats_news(session: WorkshopSession, crowd: Crowd) -> News:
    """What the catalog is to be told of how full the session is."""
    seats = {"session_id": session.id, "capacity": session.capacity, **vars(crowd)}
    return News(SEATS_CHANGED, session.id, seats)


def deadline_of(session: WorkshopSession, now: datetime) -> datetime:
    """Until when an offer made now stands, with the holidays of the session's province."""
    return offer_deadline(
        now,
        starts_at=session.starts_at,
        closes_at=min(session.closes_at, _latest(session)),
        zone=ZoneInfo(session.facts["zone"]),
        is_holiday=holidays_of(session.facts["province"]),
    )


def _become(registration: Registration, state: str) -> None:
    check_path(registration.state, state)
    registration.state = state


def _latest(session: WorkshopSession) -> datetime:
    """No seat changes hands after the first day has begun, if its time is known."""
    return session.starts_at if session.facts["days"][0]["starts"] else session.closes_at
