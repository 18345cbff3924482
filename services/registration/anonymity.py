"""Letting go of who somebody was: their places stay as numbers, about nobody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

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


def anonymise(db: Session, places: Sequence[Registration], now: datetime) -> None:
    """Keep session, local, fee, state and dates of places, and nothing that tells whose they were.

    Their links die. The history keeps who of the staff did what and when, but not the reasons,
    which are in free words.
    """
    for place in places:
        _blank(place, now)
    db.flush()
    with db.no_autoflush:  # One by one they would be written two hundred times.
        for place in places:
            _forget_person(db, place)
    _forget_words(db, [each.id for each in places], now)


def _blank(registration: Registration, now: datetime) -> None:
    registration.name, registration.phone, registration.hold_reason = NOBODY, "", ""
    registration.role = ELECTED if registration.role else ""
    if registration.organisation_id is None:
        registration.organisation_name = ""  # As somebody typed it; it could be anything.
    registration.phone_on_roster = False
    registration.link_version += 1
    registration.forgotten_at = now


def _forget_person(db: Session, registration: Registration) -> None:
    """Blank the person, or, while others of their places are known, make this one nobody's."""
    person = registration.person
    known = sa.select(Registration.id).where(
        Registration.person_id == person.id, Registration.forgotten_at.is_(None)
    )
    if db.scalar(known.limit(1)) is not None:
        person = Person(id=new_id(), created_at=person.created_at)
        registration.person = person
    person.email, person.email_key = "", f"nobody:{person.id}"
    person.mail_failure, person.mail_failed_at, person.mail_arrived_at = "", None, None
    person.announcements_since = None
    db.add(person)


def _forget_words(db: Session, ids: Sequence[UUID], now: datetime) -> None:
    for model in (Need, StoredAnswer):
        db.execute(sa.delete(model).where(model.registration_id.in_(ids)))
    history = sa.update(HistoryEntry).where(HistoryEntry.registration_id.in_(ids))
    db.execute(history.values(reason=""))
    tasks = sa.update(StaffTask).where(StaffTask.registration_id.in_(ids))
    db.execute(tasks.where(StaffTask.done_at.is_(None)).values(done_at=now, done_by=TURNOUT))
    db.execute(tasks.values(words="", outcome=""))
