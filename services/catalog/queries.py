"""What pages and the API read from the catalogue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.models import (
    CANCELLED,
    DRAFT,
    PUBLISHED,
    SET_ASIDE,
    SessionChange,
    Venue,
    Workshop,
    WorkshopSession,
)
from services.chassis.areas import in_areas
from services.documents.printable import printable

Areas = Collection[str]
"""What a list is narrowed to; none narrows nothing."""

PUBLIC = (PUBLISHED, CANCELLED)
_BOTH_LANGUAGES = "bilingual"


@dataclass(frozen=True)
class Filters:
    """What a reader wants to see; empty means all. `place` is `ON` or `ON:Windsor`."""

    place: str = ""
    online: str = ""
    language: str = ""
    topic: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The filters for a query that joins workshop and venue."""
        found: list[sa.ColumnElement[bool]] = []
        province, _, city = self.place.partition(":")
        if province:
            found.append(Venue.province == province)
        if city:
            found.append(Venue.city == city)
        if self.online:
            found.append(WorkshopSession.online.is_(self.online == "yes"))
        if self.language:
            found.append(WorkshopSession.language.in_([self.language, _BOTH_LANGUAGES]))
        if self.topic:
            found.append(sa.or_(Workshop.topic == self.topic, Workshop.series == self.topic))
        return found


def read_filters(asked: Mapping[str, str]) -> Filters:
    """The filters that an address asks for, without what no database can look for."""
    return Filters(**{each.name: printable(asked.get(each.name, "")) for each in fields(Filters)})


def public_sessions(filters: Filters) -> sa.Select[WorkshopSession]:
    """The sessions that the public may see, in order of their dates."""
    return (
        sa.select(WorkshopSession)
        .join(WorkshopSession.workshop)
        .outerjoin(WorkshopSession.venue)
        .where(WorkshopSession.status.in_(PUBLIC), *filters.conditions())
        .order_by(WorkshopSession.first_day, WorkshopSession.id)
    )


def sessions_between(
    db: Session, first: date, last: date, filters: Filters
) -> Sequence[WorkshopSession]:
    """The public sessions that have a day in a range."""
    query = public_sessions(filters).where(
        WorkshopSession.first_day <= last, WorkshopSession.last_day >= first
    )
    return db.scalars(query).all()


def public_sessions_from(db: Session, day: date, filters: Filters) -> Sequence[WorkshopSession]:
    """The public sessions that are not over before a day."""
    return db.scalars(public_sessions(filters).where(WorkshopSession.last_day >= day)).all()


def when_last_changed(db: Session, session_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these sessions last changed."""
    newest = sa.func.max(SessionChange.at, type_=SessionChange.at.type)
    query = sa.select(SessionChange.session_id, newest).group_by(SessionChange.session_id)
    found = db.execute(query.where(SessionChange.session_id.in_(session_ids)))
    return {row[0]: row[1] for row in found}


def next_day_with_session(db: Session, after: date, filters: Filters) -> date | None:
    """The first day, after one, on which a public session begins."""
    query = public_sessions(filters).where(
        WorkshopSession.first_day > after, WorkshopSession.status == PUBLISHED
    )
    session = db.scalars(query.limit(1)).first()
    return session.first_day if session else None


def public_session(db: Session, session_id: UUID) -> WorkshopSession | None:
    """A session, if the public may see it."""
    session = db.get(WorkshopSession, session_id)
    return session if session and session.status in PUBLIC else None


def public_sessions_of(db: Session, workshop_id: UUID) -> Sequence[WorkshopSession]:
    """All public dates of one workshop."""
    query = public_sessions(Filters()).where(WorkshopSession.workshop_id == workshop_id)
    return db.scalars(query).all()


def public_places(db: Session) -> Sequence[tuple[str, str]]:
    """The provinces and towns in which public sessions are held."""
    query = (
        sa.select(Venue.province, Venue.city)
        .join(WorkshopSession, WorkshopSession.venue_id == Venue.id)
        .where(WorkshopSession.status.in_(PUBLIC), Venue.province != "")
        .distinct()
        .order_by(Venue.province, Venue.city)
    )
    return [(province, city) for province, city in db.execute(query)]


def public_topics(db: Session) -> list[str]:
    """The topics and series of public sessions."""
    return _words_of(db, WorkshopSession.status.in_(PUBLIC))


def known_topics(db: Session) -> list[str]:
    """Every topic and series in use, to choose from while typing."""
    return _words_of(db, sa.true())


def sessions_to_review(db: Session, areas: Areas) -> Sequence[WorkshopSession]:
    """The drafts of some areas, in order of their dates."""
    return _with_status(db, areas, DRAFT)


def published_from(db: Session, areas: Areas, day: date) -> Sequence[WorkshopSession]:
    """The published and cancelled sessions that are not over before a day."""
    return _with_status(db, areas, *PUBLIC, more=[WorkshopSession.last_day >= day])


def published_before(db: Session, areas: Areas, day: date) -> Sequence[WorkshopSession]:
    """The published and cancelled sessions that were over before a day, newest first."""
    return _with_status(db, areas, *PUBLIC, more=[WorkshopSession.last_day < day])[::-1]


def sessions_set_aside(db: Session, areas: Areas) -> Sequence[WorkshopSession]:
    """The drafts that staff do not want."""
    return _with_status(db, areas, SET_ASIDE)


def workshops_by_title(db: Session) -> Sequence[Workshop]:
    """All workshops."""
    return db.scalars(sa.select(Workshop).order_by(Workshop.title_en, Workshop.title_fr)).all()


def _with_status(
    db: Session, areas: Areas, *statuses: str, more: Sequence[Any] = ()
) -> Sequence[WorkshopSession]:
    conditions = (WorkshopSession.status.in_(statuses), in_areas(WorkshopSession.area, areas))
    query = sa.select(WorkshopSession).where(*conditions, *more)
    return db.scalars(query.order_by(WorkshopSession.first_day, WorkshopSession.id)).all()


def _words_of(db: Session, condition: sa.ColumnElement[bool]) -> list[str]:
    """Topic of a workshop, or its series where it has none: what a card shows above the title."""
    pairs = db.execute(
        sa.select(Workshop.topic, Workshop.series).join(Workshop.sessions).where(condition)
    )
    return sorted({topic or series for topic, series in pairs if topic or series})
