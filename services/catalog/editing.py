"""Making and changing workshops and sessions by hand, one or many at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.flags import drop_answered, flag_key
from services.catalog.history import (
    PLACE_FIELDS,
    SESSION_FIELDS,
    WORKSHOP_FIELDS,
    FieldChange,
    differences,
    record,
    snapshot,
)
from services.catalog.models import (
    DRAFT,
    PUBLISHED,
    SET_ASIDE,
    Venue,
    Workshop,
    WorkshopSession,
)
from services.catalog.publication import announcing
from services.catalog.refusals import ChangedMeanwhile, NotChangeable, NotFound
from services.catalog.schedule import (
    DEFAULT_ZONE,
    day_values,
    days_from,
    is_past,
    replace_days,
)
from services.chassis.db import insert_new, locked
from services.chassis.ids import new_id

Values = Mapping[str, Any]


def create_workshop(db: Session, values: Values, *, actor: str, now: datetime) -> Workshop:
    """A new workshop without dates; `values` has any of WORKSHOP_FIELDS."""
    del actor  # A workshop has no history of its own; its sessions have.
    workshop = Workshop(created_at=now, **_only(values, WORKSHOP_FIELDS))
    db.add(workshop)
    db.flush()
    return workshop


def edit_workshop(
    db: Session,
    workshop_id: UUID,
    changes: Values,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> Workshop:
    """Change a workshop's texts, on all of its dates that lie ahead."""
    workshop = locked(db, Workshop, workshop_id)
    if workshop is None:
        raise NotFound
    concerned = [each for each in workshop.sessions if not is_past(each, now)]
    with _changing(db, concerned, actor=actor, reason=reason, now=now):
        _set(workshop, _only(changes, WORKSHOP_FIELDS))
    return workshop


def create_session(
    db: Session, workshop_id: UUID, values: Values, *, actor: str, now: datetime
) -> WorkshopSession:
    """A new draft of a dated session."""
    workshop = db.get(Workshop, workshop_id)
    if workshop is None:
        raise NotFound
    session = WorkshopSession(
        id=new_id(), workshop=workshop, zone=DEFAULT_ZONE, flags=[], created_at=now, version=0
    )
    db.add(session)
    apply(db, session, values)
    db.flush()
    record(db, session, "created", actor=actor, now=now)
    return session


def edit_session(
    db: Session,
    session_id: UUID,
    changes: Values,
    *,
    actor: str,
    now: datetime,
    reason: str = "",
) -> WorkshopSession:
    """Change the fields given, and no others; texts change on all dates of the workshop.

    With `version` among the changes, ChangedMeanwhile is raised when the session has another.
    """
    session = find_locked(db, session_id)
    if session.status not in (DRAFT, PUBLISHED):
        raise NotChangeable(session.status)
    if changes.get("version") not in (None, session.version):
        raise ChangedMeanwhile
    with _changing(db, _concerned(session, changes, now), actor=actor, reason=reason, now=now):
        apply(db, session, changes)
    return session


def bulk_edit(
    db: Session, session_ids: Sequence[UUID], changes: Values, *, actor: str, now: datetime
) -> int:
    """Give many drafts the same hours each day, seats, fees or topic; returns how many changed."""
    hours = _only(changes, ("starts", "ends"))
    others = _only(changes, ("capacity", "fee_affiliate_cents", "fee_other_cents", "topic"))
    found = [find_locked(db, session_id) for session_id in sorted(set(session_ids))]
    drafts = [session for session in found if session.status == DRAFT]
    for session in drafts:
        days = {"days": [{**day, **hours} for day in day_values(session)]} if hours else {}
        edit_session(db, session.id, {**others, **days}, actor=actor, now=now)
    return len(drafts)


def duplicate_session(
    db: Session, session_id: UUID, *, first_day: date, actor: str, now: datetime
) -> WorkshopSession:
    """A new draft with all that a session has, beginning on another day."""
    model = find_locked(db, session_id)
    values = _only(snapshot(model), (*SESSION_FIELDS, *PLACE_FIELDS))
    values |= {"days": days_from(first_day, model), "closes_at": None}
    return create_session(db, model.workshop_id, values, actor=actor, now=now)


def settle_flag(db: Session, session_id: UUID, key: str, *, actor: str, now: datetime) -> None:
    """Take a flag off, since a person has looked at it."""
    session = find_locked(db, session_id)
    flag = next((each for each in session.flags if flag_key(each) == key), None)
    if flag is None:
        raise NotFound
    session.flags = [each for each in session.flags if each != flag]
    settled = FieldChange(f"flag.{flag['code']}", flag["detail"], "")
    record(db, session, "flag_settled", actor=actor, now=now, changes=[settled])


def set_aside(db: Session, session_id: UUID, *, actor: str, now: datetime) -> None:
    """Put a draft away; the listing does not bring it back."""
    _move(db, session_id, DRAFT, SET_ASIDE, actor=actor, now=now)


def take_up(db: Session, session_id: UUID, *, actor: str, now: datetime) -> None:
    """Make a draft again of what was set aside."""
    _move(db, session_id, SET_ASIDE, DRAFT, actor=actor, now=now)


def find_locked(db: Session, session_id: UUID) -> WorkshopSession:
    """The session, nobody else writing it; NotFound where there is none."""
    session = locked(db, WorkshopSession, session_id)
    if session is None:
        raise NotFound
    return session


def apply(db: Session, session: WorkshopSession, values: Values) -> None:
    """Set the fields given, the workshop's texts among them."""
    _set(session, _only(values, SESSION_FIELDS))
    if session.closes_at is not None and session.closes_at.tzinfo is None:
        session.closes_at = session.closes_at.replace(tzinfo=ZoneInfo(session.zone))
    _set(session.workshop, _only(values, WORKSHOP_FIELDS))
    if "days" in values:
        replace_days(session, values["days"])
    if place := _only(values, PLACE_FIELDS):
        present = _only(snapshot(session), PLACE_FIELDS)
        session.venue = venue_for(db, {**present, **place})


def venue_for(db: Session, place: Values) -> Venue | None:
    """The venue with this name, city and province, new where there is none; None for no words."""
    names = {"name": place["venue"], "city": place["city"], "province": place["province"]}
    if not any(names.values()):
        return None
    db.flush()
    insert_new(db, Venue, id=new_id(), **names)
    return db.scalars(sa.select(Venue).filter_by(**names)).one()


@contextmanager
def _changing(
    db: Session, sessions: Iterable[WorkshopSession], *, actor: str, reason: str, now: datetime
) -> Iterator[None]:
    """Keep the history of what the block changes, and announce it where it is public."""
    before = {session: snapshot(session) for session in sessions}
    with announcing(db, before, actor=actor, reason=reason, now=now):
        yield
    for session, old in before.items():
        drop_answered(session)
        if changes := differences(old, snapshot(session)):
            record(db, session, "changed", actor=actor, now=now, changes=changes, reason=reason)


def _concerned(session: WorkshopSession, changes: Values, now: datetime) -> list[WorkshopSession]:
    """The session, and the other dates of its workshop where the workshop's own texts change."""
    workshop = session.workshop
    texts = _only(changes, WORKSHOP_FIELDS)
    if all(getattr(workshop, name) == value for name, value in texts.items()):
        return [session]
    others = [each for each in workshop.sessions if each is not session]
    return [session, *(each for each in others if not is_past(each, now))]


def _move(
    db: Session, session_id: UUID, before: str, after: str, *, actor: str, now: datetime
) -> None:
    session = find_locked(db, session_id)
    if session.status != before:
        raise NotChangeable(session.status)
    session.status = after
    record(db, session, after, actor=actor, now=now)


def _only(values: Values, names: Iterable[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _set(row: Workshop | WorkshopSession, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
