"""What members do with the place they have: accept, decline, give up, change their details."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.contracts.registrations import (
    REGISTRATION_CANCELLED,
    REGISTRATION_DECLINED,
)
from services.registration.history import MEMBER, note
from services.registration.models import (
    CANCELLED,
    CONFIRMED,
    DECLINED,
    LEFT,
    LIVE,
    OFFERED,
    WAITING,
    Need,
    Registration,
    WorkshopSession,
)
from services.registration.seats import confirm, end, fill_seats, is_over, lock_session
from services.registration.telling import tell


class TooLate(Exception):
    """What was asked for is no longer possible; `reason` is the place's state, or `expired`.

    A cancelled place is `place_cancelled`, for `cancelled` says that the session is.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = "place_cancelled" if reason == CANCELLED else reason


class UnknownRegistration(Exception):
    """There is no such registration, or the link to it is an old one."""


def lock_registration(db: Session, registration_id: UUID) -> tuple[WorkshopSession, Registration]:
    """The registration as it is now, its session locked first.

    UnknownRegistration, also when it is nobody's any more.
    """
    seen = db.get(Registration, registration_id)
    if seen is None:
        raise UnknownRegistration(registration_id)
    session = lock_session(db, seen.session_id)
    db.refresh(seen)
    if seen.forgotten_at is not None:
        raise UnknownRegistration(registration_id)
    return session, seen


def accept_offer(db: Session, registration_id: UUID, *, now: datetime) -> Registration:
    """Take the seat that is kept; TooLate when the offer has ended. Twice changes nothing."""
    session, registration = lock_registration(db, registration_id)
    if registration.state == CONFIRMED:
        return registration
    if registration.state != OFFERED:
        raise TooLate(registration.state)
    if registration.offered_until is None or registration.offered_until <= now:
        raise TooLate("expired")
    confirm(db, registration, now=now, actor=MEMBER)
    fill_seats(db, session, now)
    return registration


def decline_offer(db: Session, registration_id: UUID, *, now: datetime) -> Registration:
    """Leave the seat to the next in line. Twice changes nothing."""
    session, registration = lock_registration(db, registration_id)
    if registration.state == DECLINED:
        return registration
    if registration.state != OFFERED:
        raise TooLate(registration.state)
    end(registration, DECLINED, now)
    note(db, registration, DECLINED, now=now, actor=MEMBER)
    tell(db, REGISTRATION_DECLINED, registration, now=now)
    fill_seats(db, session, now)
    return registration


def give_up(db: Session, registration_id: UUID, *, now: datetime) -> Registration:
    """Cancel a seat, or leave the line; TooLate after the session. Twice changes nothing."""
    session, registration = lock_registration(db, registration_id)
    if registration.state not in LIVE:
        return registration
    if is_over(session, now):
        raise TooLate("past")
    if registration.state == OFFERED:
        return decline_offer(db, registration_id, now=now)
    state = LEFT if registration.state == WAITING else CANCELLED
    end(registration, state, now)
    note(db, registration, state, now=now, actor=MEMBER)
    tell(db, REGISTRATION_CANCELLED, registration, now=now, by="member")
    fill_seats(db, session, now)
    return registration


def change_details(
    db: Session, registration_id: UUID, details: dict[str, Any], *, now: datetime
) -> Registration:
    """Correct name, role, phone, language, needs or the wish to be confirmed automatically.

    The address, the local and the fee stay. TooLate when the place has ended.
    """
    _session, registration = lock_registration(db, registration_id)
    if registration.state not in LIVE:
        raise TooLate(registration.state)
    for name in ("name", "role", "phone", "phone_on_roster", "language", "auto_confirm"):
        setattr(registration, name, details[name])
    _keep_needs(db, registration.id, details["needs"])
    note(db, registration, "changed_details", now=now, actor=MEMBER)
    return registration


def _keep_needs(db: Session, registration_id: UUID, text: str) -> None:
    need = db.get(Need, registration_id)
    if need is not None and not text:
        db.delete(need)
    elif need is not None:
        need.text = text
    elif text:
        db.add(Need(registration_id=registration_id, text=text))
