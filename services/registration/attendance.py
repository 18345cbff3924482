"""Attendance: who of the confirmed did not come."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from services.registration.history import note
from services.registration.models import CONFIRMED, Registration, WorkshopSession
from services.registration.places import TooLate, lock_registration
from services.registration.staff_actions import NotPossible


def note_attendance(
    db: Session, registration_id: UUID, *, came: bool, actor: str, now: datetime
) -> Registration:
    """Note that somebody did not come, or did after all. Twice changes nothing.

    TooLate unless they are confirmed, NotPossible before the session has begun.
    """
    session, registration = lock_registration(db, registration_id)
    if registration.state != CONFIRMED:
        raise TooLate(registration.state)
    if not has_begun(session, now):
        raise NotPossible("not_begun")
    if registration.no_show == came:
        registration.no_show = not came
        note(db, registration, "came" if came else "did_not_come", now=now, actor=actor)
    return registration


def has_begun(session: WorkshopSession, now: datetime) -> bool:
    """Whether people can have come, or not."""
    return session.status == "published" and session.starts_at <= now
