"""What staff do with somebody's place, each with a reason that the history keeps."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts.registrations import REGISTRATION_CANCELLED, REGISTRATION_MOVED
from services.registration.history import note
from services.registration.models import (
    CANCELLED,
    CONFIRMED,
    LIVE,
    OFFERED,
    WAITING,
    Need,
    Registration,
    WorkshopSession,
)
from services.registration.places import TooLate, lock_registration
from services.registration.seats import (
    announce_seats,
    confirm,
    end,
    fill_seats,
    free_seats,
    is_open,
    is_over,
    lock_session,
    next_arrivals,
    offer,
)
from services.registration.telling import summary_of, tell


class OverCapacity(Exception):
    """No seat is free, and nobody said that one more is meant."""

    reason = "over_capacity"


class NotPossible(Exception):
    """The action does not fit the state or the session; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def confirm_by_staff(
    db: Session,
    registration_id: UUID,
    *,
    actor: str,
    reason: str,
    over_capacity: bool = False,
    now: datetime,
) -> Registration:
    """Confirm somebody who waits or has an offer; OverCapacity unless the override is given."""
    session, registration = lock_registration(db, registration_id)
    if registration.state not in (WAITING, OFFERED):
        raise TooLate(registration.state)
    if registration.state == WAITING:
        _need_seat(db, session, registration, over_capacity=over_capacity)
    note(db, registration, "confirm_asked", now=now, actor=actor, reason=reason)
    confirm(db, registration, now=now, actor=actor)
    announce_seats(db, session, now)
    return registration


def offer_by_staff(
    db: Session,
    registration_id: UUID,
    *,
    actor: str,
    reason: str,
    over_capacity: bool = False,
    now: datetime,
) -> Registration:
    """Offer a seat to somebody who waits, out of turn if need be; the history says so."""
    session, registration = lock_registration(db, registration_id)
    if registration.state != WAITING:
        raise TooLate(registration.state)
    if not is_open(session, now):
        raise NotPossible("closed")  # The offer would have ended before it was made.
    _need_seat(db, session, registration, over_capacity=over_capacity)
    note(db, registration, "offer_asked", now=now, actor=actor, reason=reason)
    offer(db, session, registration, now=now, actor=actor)
    announce_seats(db, session, now)
    return registration


def cancel_by_staff(
    db: Session,
    registration_id: UUID,
    *,
    actor: str,
    reason: str,
    message: str = "",
    now: datetime,
) -> Registration:
    """End somebody's place; `message` goes into their mail, the reason does not.

    TooLate when it has ended already: neither reason nor message would be kept.
    """
    session, registration = lock_registration(db, registration_id)
    if registration.state not in LIVE:
        raise TooLate(registration.state)
    end(registration, CANCELLED, now)
    note(db, registration, CANCELLED, now=now, actor=actor, reason=reason)
    tell(db, REGISTRATION_CANCELLED, registration, now=now, by="staff", message=message)
    fill_seats(db, session, now)
    return registration


def move_by_staff(
    db: Session,
    registration_id: UUID,
    target_id: UUID | None,
    *,
    actor: str,
    reason: str,
    message: str = "",
    over_capacity: bool = False,
    now: datetime,
) -> Registration:
    """Confirm somebody in another session instead, at the fee they had; returns the new place."""
    origin, target = _lock_both(db, registration_id, target_id)
    _origin, old = lock_registration(db, registration_id)
    _check_move(db, old, target, now)
    if not over_capacity and not free_seats(db, target):
        raise OverCapacity
    end(old, CANCELLED, now)
    note(db, old, "moved_away", now=now, actor=actor, reason=reason)
    new = _copy_into(db, target, old, over=not free_seats(db, target), now=now)
    db.add(new)
    db.flush()
    _carry_needs(db, old, new)
    note(db, new, "moved_here", now=now, actor=actor, reason=reason)
    before = summary_of(origin, with_link=False)
    more = {"previous_registration_id": old.id, "previous_session": before, "message": message}
    tell(db, REGISTRATION_MOVED, new, now=now, **more)
    announce_seats(db, target, now)
    fill_seats(db, origin, now)
    return new


def hold_back(
    db: Session, registration_id: UUID, *, actor: str, reason: str, now: datetime
) -> Registration:
    """Pass somebody over while they wait; they keep their place and block nobody."""
    return _set_hold(db, registration_id, "held_back", reason, actor=actor, reason=reason, now=now)


def release(
    db: Session, registration_id: UUID, *, actor: str, reason: str, now: datetime
) -> Registration:
    """Let somebody who was held back have their turn again."""
    return _set_hold(db, registration_id, "released", "", actor=actor, reason=reason, now=now)


def write_note(
    db: Session, registration_id: UUID, *, actor: str, reason: str, now: datetime
) -> Registration:
    """Keep a remark in the history; nothing else changes."""
    _session, registration = lock_registration(db, registration_id)
    note(db, registration, "noted", now=now, actor=actor, reason=reason)
    return registration


def _set_hold(
    db: Session,
    registration_id: UUID,
    action: str,
    hold_reason: str,
    *,
    actor: str,
    reason: str,
    now: datetime,
) -> Registration:
    session, registration = lock_registration(db, registration_id)
    if registration.state != WAITING:
        raise TooLate(registration.state)
    registration.hold_reason = hold_reason
    note(db, registration, action, now=now, actor=actor, reason=reason)
    fill_seats(db, session, now)
    return registration


def _need_seat(
    db: Session, session: WorkshopSession, registration: Registration, *, over_capacity: bool
) -> None:
    if free_seats(db, session):
        return
    if not over_capacity:
        raise OverCapacity
    registration.over_capacity = True


def _lock_both(
    db: Session, registration_id: UUID, target_id: UUID | None
) -> tuple[WorkshopSession, WorkshopSession]:
    """Lock two sessions in the order of their ids, so that two moves cannot wait in a ring."""
    origin_id = db.scalars(
        sa.select(Registration.session_id).where(Registration.id == registration_id)
    ).one_or_none()
    if origin_id is None or target_id is None or origin_id == target_id:
        raise NotPossible("same_session")
    rows = {each: lock_session(db, each) for each in sorted([origin_id, target_id])}
    return rows[origin_id], rows[target_id]


def _check_move(db: Session, old: Registration, target: WorkshopSession, now: datetime) -> None:
    if old.state not in LIVE:
        raise TooLate(old.state)
    if target.status != "published" or is_over(target, now):
        raise NotPossible("target_closed")
    there = sa.select(Registration.id).where(
        Registration.session_id == target.id,
        Registration.person_id == old.person_id,
        Registration.state.in_(LIVE),
    )
    if db.scalar(there) is not None:
        raise NotPossible("already_there")


def _copy_into(
    db: Session, target: WorkshopSession, old: Registration, *, over: bool, now: datetime
) -> Registration:
    kept = [
        "person_id",
        "organisation_id",
        "organisation_name",
        "name",
        "role",
        "language",
        "phone",
        "phone_on_roster",
        "auto_confirm",
        "fee_cents",
        "fee_rule",
    ]
    [arrival] = next_arrivals(db, target, 1)
    return Registration(
        **{name: getattr(old, name) for name in kept},
        session_id=target.id,
        state=CONFIRMED,
        arrival=arrival,
        joined_at=now,
        confirmed_at=now,
        over_capacity=over,
        moved_from_id=old.id,
    )


def _carry_needs(db: Session, old: Registration, new: Registration) -> None:
    need = db.get(Need, old.id)
    if need is not None:
        db.add(Need(registration_id=new.id, text=need.text))
