"""Consent to announcements: given by a member's own act, withdrawn at any time, both recorded."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.registration.history import MEMBER, note
from services.registration.models import Registration


def agree_to_announcements(db: Session, registration: Registration, *, now: datetime) -> None:
    """Note when and with which sign-up somebody agreed; the last time counts.

    A word from before it that they want no more, which may still be on its way, is outdated.
    """
    registration.person.announcements_since = now
    note(db, registration, "announcements_agreed", now=now, actor=MEMBER)


def end_announcements(db: Session, registration: Registration, *, now: datetime) -> None:
    """Take the consent back. Twice changes nothing."""
    if registration.person.announcements_since is not None:
        registration.person.announcements_since = None
        note(db, registration, "announcements_ended", now=now, actor=MEMBER)
