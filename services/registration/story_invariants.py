"""What must be true of each registration's story: its request, its history, what it told."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import hex_of
from services.chassis.invariants import (
    EVENT,
    LOCK_WAIT,
    RECENT,
    REGISTRATION,
    Found,
    invariant,
    message,
)
from services.chassis.outbox import OutboxRow
from services.contracts.registrations import (
    REGISTRATION_CANCELLED,
    REGISTRATION_CLOSED,
    REGISTRATION_CONFIRMED,
    REGISTRATION_DECLINED,
    REGISTRATION_LAPSED,
    REGISTRATION_MOVED,
    REGISTRATION_OFFERED,
    ROSTER_DUE,
    SESSION_NOTICE,
)
from services.registration.models import (
    CANCELLED,
    CLOSED,
    CONFIRMED,
    DECLINED,
    LAPSED,
    LEFT,
    OFFERED,
    WAITING,
    HistoryEntry,
    Person,
    Registration,
    StoredAnswer,
)
from services.registration.seat_invariants import CALL_THE_DEVELOPERS, recent_sessions

_BEGUN = ("signed_up", "moved_here")
_SEATED = ("confirmed", "moved_here")
_ENDED = {
    DECLINED: (DECLINED,),
    LAPSED: (LAPSED,),
    CANCELLED: (CANCELLED, "moved_away"),
    LEFT: (LEFT,),
    CLOSED: (CLOSED,),
}
_TOLD_BY = {
    "confirmed": REGISTRATION_CONFIRMED.type,
    "offered": REGISTRATION_OFFERED.type,
    "moved_here": REGISTRATION_MOVED.type,
    DECLINED: REGISTRATION_DECLINED.type,
    LAPSED: REGISTRATION_LAPSED.type,
    CANCELLED: REGISTRATION_CANCELLED.type,
    LEFT: REGISTRATION_CANCELLED.type,
    CLOSED: REGISTRATION_CLOSED.type,
}
"""The event that each change of a place must have; a cancelled session's notice is one, too."""


@invariant(
    "I3",
    REGISTRATION,
    wrong=message("An answered sign-up has no place of its own."),
    cure=message("Look for the person in the session, and sign them up again if need be."),
)
def each_answer_has_its_place(db: Session, now: datetime) -> Found:
    """Each sign-up that was answered has its registration; no two made the same one."""
    answered = sa.select(StoredAnswer.registration_id)
    lost = answered.outerjoin(Registration, Registration.id == StoredAnswer.registration_id)
    first = answered.where(StoredAnswer.repeated.is_(False))
    shared = first.group_by(StoredAnswer.registration_id).having(sa.func.count() > 1)
    return [*db.scalars(lost.where(Registration.id.is_(None))), *db.scalars(shared)]


@invariant(
    "I7",
    REGISTRATION,
    wrong=message("A place and its history tell different stories."),
    cure=CALL_THE_DEVELOPERS,
)
def each_history_is_a_path(db: Session, now: datetime) -> Found:
    """Each history is a path that places can take, and leads to the state that the place is in."""
    ends = sum((_count(*actions) for actions in _ENDED.values()), sa.literal(0))
    seated, offered = _count(*_SEATED), _count(OFFERED)
    unanswered = _count(DECLINED, LAPSED)
    from_line = _count(LEFT, CLOSED)
    wrong = sa.or_(
        _count(*_BEGUN) != 1,
        sa.or_(ends > 1, seated > 1, offered > 1),
        sa.and_(unanswered > 0, sa.or_(offered == 0, seated > 0)),
        sa.and_(from_line > 0, offered + seated > 0),
        _last_state(seated, offered) != Registration.state,
    )
    query = sa.select(Registration.id).outerjoin(
        HistoryEntry, HistoryEntry.registration_id == Registration.id
    )
    query = query.where(Registration.session_id.in_(recent_sessions(now)))
    return db.scalars(query.group_by(Registration.id, Registration.state).having(wrong))


@invariant(
    "I9",
    REGISTRATION,
    wrong=message("A place changed, and no event told of it, so no mail did."),
    cure=message("Write to the person how things stand, and tell the developers."),
)
def each_change_is_told(db: Session, now: datetime) -> Found:
    """Each change of a place in the history has its event in the outbox."""
    told_by = sa.case(_TOLD_BY, value=HistoryEntry.action)
    changed = sa.select(hex_of(HistoryEntry.registration_id), told_by).where(
        HistoryEntry.registration_id.is_not(None),
        HistoryEntry.action.in_(_TOLD_BY),
        HistoryEntry.at > now - RECENT,
        HistoryEntry.registration_id.not_in(_of_nobody()),
    )
    missing = sa.except_(changed, sa.select(*_told(or_forgotten=True))).subquery()
    return [UUID(key) for key in db.scalars(sa.select(missing.c[0]))]


@invariant(
    "I9",
    REGISTRATION,
    wrong=message("The same change of a place was told by two events."),
    cure=CALL_THE_DEVELOPERS,
)
def no_change_is_told_twice(db: Session, now: datetime) -> Found:
    """No two events tell of the same change of a place."""
    key, kind = _told()
    events = sa.func.count(sa.distinct(OutboxRow.event_id))
    query = sa.select(key).where(kind.in_(_TOLD_BY.values())).group_by(key, kind)
    return [UUID(each) for each in db.scalars(query.having(events > 1))]


@invariant(
    "I14",
    EVENT,
    wrong=message("A roster that was sent did not list exactly those who were confirmed."),
    cure=message("Send the roster again from the session's page, and tell the developers."),
)
def rosters_list_the_confirmed(db: Session, now: datetime) -> Found:
    """A roster lists exactly those who were confirmed at its time, each once.

    Whoever came or went within seconds of that time may be on it or not; an address that was
    corrected since belongs to nobody that is known.
    """
    query = sa.select(OutboxRow).where(
        OutboxRow.type == ROSTER_DUE.type, OutboxRow.created_at > now - RECENT
    )
    return [row.event_id for row in db.scalars(query) if not _is_exact(db, row)]


STORY_INVARIANTS = (
    each_answer_has_its_place,
    each_history_is_a_path,
    each_change_is_told,
    no_change_is_told_twice,
    rosters_list_the_confirmed,
)


def _of_nobody() -> sa.Select[Any]:
    """The places of whom nothing that was told is kept."""
    return sa.select(Registration.id).where(Registration.forgotten_at.is_not(None))


def _count(*actions: str) -> sa.ColumnElement[int]:
    """How many entries of a registration are one of these."""
    return sa.func.coalesce(sa.func.sum(sa.case((HistoryEntry.action.in_(actions), 1), else_=0)), 0)


def _last_state(
    seated: sa.ColumnElement[int], offered: sa.ColumnElement[int]
) -> sa.ColumnElement[str]:
    ended = [(_count(*actions) > 0, state) for state, actions in _ENDED.items()]
    return sa.case(*ended, (seated > 0, CONFIRMED), (offered > 0, OFFERED), else_=WAITING)


def _told(*, or_forgotten: bool = False) -> tuple[sa.ColumnElement[str], sa.ColumnElement[str]]:
    """What each event is about, and which change it tells of.

    A notice whose content is no longer kept may have told of the end, or of a new date.
    """
    change = OutboxRow.envelope["data"]["change"].as_string()
    is_cancelled = (
        sa.or_(change == "cancelled", change.is_(None)) if or_forgotten else (change == "cancelled")
    )
    is_end = sa.and_(OutboxRow.type == SESSION_NOTICE.type, is_cancelled)
    kind = sa.case((is_end, REGISTRATION_CANCELLED.type), else_=OutboxRow.type)
    return sa.func.replace(OutboxRow.subject, "-", ""), kind


def _is_exact(db: Session, row: OutboxRow) -> bool:
    lines: list[dict[str, Any]] | None = (row.envelope or {}).get("data", {}).get("lines")
    if lines is None:
        return True  # Its content is no longer kept.
    listed = Counter(each["email"] for each in lines)
    surely, perhaps = _confirmed_at(db, UUID(row.subject), row.created_at)
    strangers = set(listed) - surely - perhaps
    missing = surely - set(listed)
    is_once = all(count == 1 for count in listed.values())
    is_complete = len(missing) <= len(strangers)
    return is_once and is_complete and not _known(db, UUID(row.subject), strangers)


def _confirmed_at(db: Session, session_id: UUID, at: datetime) -> tuple[set[str], set[str]]:
    """The addresses of who was confirmed at a moment, and of who may have been or is forgotten."""
    query = sa.select(Person.email, Registration.confirmed_at, Registration.ended_at)
    rows = db.execute(
        query.join(Registration, Registration.person_id == Person.id).where(
            Registration.session_id == session_id, Registration.confirmed_at < at + LOCK_WAIT
        )
    )
    surely, perhaps = set(), set()
    for email, begun, ended in rows:
        if begun is None:
            continue
        if email and begun < at - LOCK_WAIT and (ended is None or ended > at + LOCK_WAIT):
            surely.add(email)
        elif ended is None or ended > at - LOCK_WAIT:
            perhaps.add(email)
    return surely, perhaps


def _known(db: Session, session_id: UUID, emails: Iterable[str]) -> bool:
    """Whether any of these addresses belongs to somebody in the session."""
    query = sa.select(Registration.id).join(Person, Person.id == Registration.person_id)
    found = query.where(Registration.session_id == session_id, Person.email.in_(list(emails)))
    return db.scalar(found.limit(1)) is not None
