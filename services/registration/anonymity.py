"""Letting go of who somebody was: their places stay as numbers, about nobody."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.registration.history import TURNOUT
from services.registration.models import (
    HistoryEntry,
    Need,
    Person,
    Registration,
    StaffTask,
    StoredAnswer,
)

NOBODY = "[erased / effacé]"
"""What stands for a name, in both languages at once."""

ELECTED = "elected / élu·e"
"""What stays of an elected role: that there was one."""


def anonymise(db: Session, registration: Registration, now: datetime) -> None:
    """Keep session, local, fee, state and dates of a place, and nothing that tells whose it was.

    Its link dies. The history keeps who of the staff did what and when, but not the reasons,
    which are in free words.
    """
    registration.name, registration.phone, registration.hold_reason = NOBODY, "", ""
    registration.role = ELECTED if registration.role else ""
    if registration.organisation_id is None:
        registration.organisation_name = ""  # As somebody typed it; it could be anything.
    registration.phone_on_roster = False
    registration.link_version += 1
    registration.forgotten_at = now
    db.flush()
    _forget_person(db, registration)
    _forget_words(db, registration, now)


def _forget_person(db: Session, registration: Registration) -> None:
    """Blank the person, or, while others of their places are known, make this one nobody's."""
    person = registration.person
    known = sa.select(Registration.id).where(
        Registration.person_id == person.id, Registration.forgotten_at.is_(None)
    )
    if db.scalar(known.limit(1)) is not None:
        key = new_id()
        person = Person(id=key, created_at=person.created_at)
        registration.person = person
    person.email, person.email_key = "", f"nobody:{person.id}"
    person.mail_failure, person.mail_failed_at, person.mail_arrived_at = "", None, None
    person.announcements_since = None
    db.add(person)


def _forget_words(db: Session, registration: Registration, now: datetime) -> None:
    about = {"registration_id": registration.id}
    for model in (Need, StoredAnswer):
        db.execute(sa.delete(model).filter_by(**about))
    db.execute(sa.update(HistoryEntry).filter_by(**about).values(reason=""))
    tasks = sa.update(StaffTask).filter_by(**about)
    db.execute(tasks.where(StaffTask.done_at.is_(None)).values(done_at=now, done_by=TURNOUT))
    db.execute(tasks.values(words="", outcome=""))
