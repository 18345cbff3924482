"""The digest: once a working day, each coordinator's news of all sessions in one mail."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.areas import in_areas
from services.chassis.db import insert_new, locked
from services.chassis.outbox import publish
from services.chassis.policy import GET_DIGEST
from services.chassis.staff import StaffMember
from services.contracts.registrations import DIGEST_DUE
from services.registration.fees import FEDERATION_ZONE
from services.registration.models import HistoryEntry, WorkshopSession
from services.registration.queries import COUNTED, counts_by_session
from services.registration.schedule import digest_before, digest_until, next_digest
from services.registration.sending_models import DigestChoice
from services.registration.tasks import count_open
from services.registration.telling import facts_of
from services.registration.working_days import holidays_of

TOLD = (
    *("signed_up", "confirmed", "offered", "declined", "lapsed"),
    *("cancelled", "left", "closed", "moved_away", "moved_here"),
    *("rescheduled", "capacity_changed", "session_cancelled"),
)
"""What the digest tells, of all that the history keeps, in this order."""

_ZONE, _HOLIDAYS = ZoneInfo(FEDERATION_ZONE), holidays_of("ON")


@dataclass(frozen=True)
class Digest:
    """What happened between two moments, a session a line as the contract has it."""

    since: datetime
    until: datetime
    sessions: list[dict[str, Any]]
    open_tasks: int


def staff_to_tell(db: Session, now: datetime) -> Sequence[UUID]:
    """Those who want a digest and have not had the one that is due; nobody out of hours."""
    until = digest_until(now, _ZONE, _HOLIDAYS)
    if until is None:
        return []
    had = DigestChoice.told_until
    query = sa.select(StaffMember.id).outerjoin(
        DigestChoice, DigestChoice.staff_id == StaffMember.id
    )
    query = query.where(
        StaffMember.active.is_(True),
        StaffMember.role.in_(GET_DIGEST.rights),
        sa.or_(DigestChoice.wanted.is_(None), DigestChoice.wanted.is_(True)),
        sa.or_(had.is_(None), had < until),
    )
    return db.scalars(query).all()


def tell_digest(db: Session, staff_id: UUID, now: datetime) -> int:
    """Tell somebody what happened since their last digest, if anything did."""
    choice, until = _choice(db, staff_id), digest_until(now, _ZONE, _HOLIDAYS)
    if until is None or not choice.wanted:
        return 0
    since = choice.told_until or digest_before(until, _ZONE, _HOLIDAYS)
    if since >= until:
        return 0
    member = db.get_one(StaffMember, staff_id)
    digest = digest_between(db, since, until, member.areas)
    choice.told_until = until
    if digest.sessions:
        _publish(db, member, digest, now)
    return 1


def digest_to_come(db: Session, staff_id: UUID, now: datetime) -> Digest:
    """What somebody's next digest would tell if nothing more happened."""
    choice = db.get(DigestChoice, staff_id)
    told = choice.told_until if choice else None
    areas = db.get_one(StaffMember, staff_id).areas
    return digest_between(db, told or _newest_before(now), now, areas)


def next_digest_at(now: datetime) -> datetime:
    """When the next digest is due that tells of what happens now."""
    return next_digest(now, _ZONE, _HOLIDAYS)


def wants_digest(db: Session, staff_id: UUID) -> bool:
    """Whether somebody gets the digest; they do until they say otherwise."""
    choice = db.get(DigestChoice, staff_id)
    return choice is None or choice.wanted


def choose_digest(db: Session, staff_id: UUID, *, wanted: bool, now: datetime) -> None:
    """Let somebody have the digest or not; who takes it up again gets no old news."""
    choice = _choice(db, staff_id)
    if wanted and not choice.wanted:
        choice.told_until = _newest_before(now)
    choice.wanted = wanted


def digest_between(
    db: Session, since: datetime, until: datetime, areas: Collection[str] = ()
) -> Digest:
    """What happened after one moment and until another, with the numbers as they are now."""
    changes = _changes(db, since, until)
    query = sa.select(WorkshopSession).where(
        WorkshopSession.id.in_(changes), in_areas(WorkshopSession.area, areas)
    )
    sessions = db.scalars(query.order_by(WorkshopSession.starts_at)).all()
    counts = counts_by_session(db, [each.id for each in sessions])
    lines = [_line(each, changes[each.id], counts) for each in sessions]
    return Digest(since, until, lines, count_open(db, areas))


def _newest_before(now: datetime) -> datetime:
    """Where the newest digest ended, for those who have had none."""
    return digest_before(next_digest_at(now), _ZONE, _HOLIDAYS)


def _choice(db: Session, staff_id: UUID) -> DigestChoice:
    """Somebody's row, made when it is new; nobody else writes it meanwhile."""
    insert_new(db, DigestChoice, staff_id=staff_id, wanted=True)
    choice = locked(db, DigestChoice, staff_id)
    if choice is None:
        raise LookupError(f"the choice of {staff_id} vanished while it was locked")
    return choice


def _changes(db: Session, since: datetime, until: datetime) -> dict[UUID, Counter[str]]:
    """How often what happened, by session; a sign-up that was confirmed at once is one change."""
    entry = HistoryEntry
    query = sa.select(entry.session_id, entry.registration_id, entry.at, entry.action).where(
        entry.at > since, entry.at <= until, entry.action.in_(TOLD)
    )
    rows = db.execute(query).all()
    signed_up = {(key, at) for _session, key, at, action in rows if action == "signed_up"}
    found: dict[UUID, Counter[str]] = {}
    for session_id, key, at, action in rows:
        if action != "confirmed" or (key, at) not in signed_up:
            found.setdefault(session_id, Counter())[action] += 1
    return found


def _line(
    session: WorkshopSession, changes: Counter[str], counts: dict[tuple[UUID, str], int]
) -> dict[str, Any]:
    facts = facts_of(session)
    return {
        "session_id": session.id,
        "title": facts["title"],
        "first_day": facts["days"][0]["date"],
        "capacity": session.capacity,
        "changes": {action: changes[action] for action in TOLD if changes[action]},
        **{state: counts.get((session.id, state), 0) for state in COUNTED},
    }


def _publish(db: Session, member: StaffMember, digest: Digest, now: datetime) -> None:
    data = {
        "staff_id": member.id,
        "recipient": {"name": member.name, "email": member.email, "language": member.language},
        "since": digest.since,
        "until": digest.until,
        "sessions": digest.sessions,
        "open_tasks": digest.open_tasks,
    }
    publish(db, DIGEST_DUE, subject=member.id, data=data, now=now)
