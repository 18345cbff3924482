"""What the pages of registration show, read from the database in one place."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.areas import in_areas
from services.registration.models import (
    CONFIRMED,
    LIVE,
    OFFERED,
    WAITING,
    HistoryEntry,
    Need,
    Organisation,
    Person,
    Registration,
    WorkshopSession,
)
from services.registration.places import UnknownRegistration
from services.registration.seats import place_in_line

SHOWN_AFTER_END = timedelta(days=30)
COUNTED = (CONFIRMED, OFFERED, WAITING)


@dataclass(frozen=True)
class SessionLine:
    """A session in the staff's list with its counts."""

    session: WorkshopSession
    confirmed: int
    offered: int
    waiting: int


@dataclass(frozen=True)
class SessionView:
    """A session with everybody in it, as one screen shows them; the waiting in their order."""

    session: WorkshopSession
    confirmed: Sequence[Registration]
    offered: Sequence[Registration]
    waiting: Sequence[Registration]
    ended: Sequence[Registration]
    history: Sequence[HistoryEntry]
    with_needs: frozenset[UUID]

    @property
    def names(self) -> dict[UUID, str]:
        """Everybody's name, for the history."""
        return {each.id: each.name for each in self.everybody}

    @property
    def numbers(self) -> dict[UUID, str]:
        """What stands for the names where they must not be seen: the order of arrival."""
        return {each.id: f"#{each.arrival}" for each in self.everybody}

    @property
    def everybody(self) -> Sequence[Registration]:
        """All of them, in the order of the page."""
        return (*self.confirmed, *self.offered, *self.waiting, *self.ended)


@dataclass(frozen=True)
class MemberView:
    """A member's own place; `place` only while they wait."""

    registration: Registration
    session: WorkshopSession
    place: int | None
    needs: str


def session_lines(
    db: Session,
    now: datetime,
    *,
    areas: Collection[str],
    is_seen: Callable[[WorkshopSession], bool],
) -> list[SessionLine]:
    """The sessions that are on or lately were, in some areas, those that the reader sees."""
    query = sa.select(WorkshopSession).where(
        WorkshopSession.ends_on >= (now - SHOWN_AFTER_END).date(),
        in_areas(WorkshopSession.area, areas),
    )
    seen = [each for each in db.scalars(query.order_by(WorkshopSession.starts_at)) if is_seen(each)]
    counts = counts_by_session(db, query.with_only_columns(WorkshopSession.id))
    return [
        SessionLine(each, *(counts.get((each.id, state), 0) for state in COUNTED)) for each in seen
    ]


def session_view(db: Session, session: WorkshopSession) -> SessionView:
    """Everybody in a session."""
    session_id = session.id
    query = sa.select(Registration).where(Registration.session_id == session_id)
    rows = db.scalars(query.order_by(Registration.arrival)).all()
    history = sa.select(HistoryEntry).where(HistoryEntry.session_id == session_id)
    return SessionView(
        session=session,
        confirmed=sorted(_in(rows, CONFIRMED), key=lambda each: each.name.casefold()),
        offered=_in(rows, OFFERED),
        waiting=sorted(_in(rows, WAITING), key=lambda each: (each.priority, each.arrival)),
        ended=[each for each in rows if each.state not in LIVE],
        history=db.scalars(history.order_by(HistoryEntry.at.desc()).limit(200)).all(),
        with_needs=frozenset(db.scalars(_needs_in(session_id))),
    )


def member_view(db: Session, registration_id: UUID, link_version: int | None = None) -> MemberView:
    """One person's place; UnknownRegistration, also when their link has been replaced."""
    registration = db.get(Registration, registration_id)
    if registration is None or link_version not in (None, registration.link_version):
        raise UnknownRegistration(registration_id)
    need = db.get(Need, registration_id)
    return MemberView(
        registration,
        db.get_one(WorkshopSession, registration.session_id),
        place_in_line(db, registration),
        need.text if need else "",
    )


def registration_history(db: Session, registration_id: UUID) -> Sequence[HistoryEntry]:
    """What happened to one registration, the newest first."""
    query = sa.select(HistoryEntry).where(HistoryEntry.registration_id == registration_id)
    return db.scalars(query.order_by(HistoryEntry.at.desc(), HistoryEntry.id.desc())).all()


def other_sessions(db: Session, session: WorkshopSession, now: datetime) -> list[WorkshopSession]:
    """Where somebody could be moved to: the same workshop's dates first."""
    query = sa.select(WorkshopSession).where(
        WorkshopSession.id != session.id,
        WorkshopSession.status == "published",
        WorkshopSession.starts_at > now,
    )
    rows = db.scalars(query.order_by(WorkshopSession.starts_at))
    return sorted(rows, key=lambda each: each.workshop_id != session.workshop_id)


def counts_by_session(
    db: Session, sessions: sa.Select[UUID] | Collection[UUID]
) -> dict[tuple[UUID, str], int]:
    """How many there are in each of some sessions and each of its states."""
    query = sa.select(Registration.session_id, Registration.state, sa.func.count())
    query = query.where(Registration.session_id.in_(sessions))
    rows = db.execute(query.group_by(Registration.session_id, Registration.state))
    return {(session_id, state): count for session_id, state, count in rows}


def organisations(db: Session) -> Sequence[Organisation]:
    """The directory by number."""
    rows = db.scalars(sa.select(Organisation)).all()
    return sorted(rows, key=lambda each: (len(each.number), each.number))


def places_of(db: Session, email: str) -> list[tuple[UUID, UUID]]:
    """Registration and session of each place that the person with this address has or had."""
    query = sa.select(Registration.id, Registration.session_id).join(Registration.person)
    return [(*row,) for row in db.execute(query.where(Person.email_key == email.casefold()))]


def _needs_in(session_id: UUID) -> sa.Select[UUID]:
    query = sa.select(Need.registration_id).join(Registration)
    return query.where(Registration.session_id == session_id)


def _in(rows: Sequence[Registration], state: str) -> list[Registration]:
    return [each for each in rows if each.state == state]
