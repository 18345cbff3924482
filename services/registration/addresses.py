"""Correcting an address: the person's places follow it, and the links that went astray die."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts.registrations import REGISTRATION_READDRESSED
from services.registration.history import note
from services.registration.models import LIVE, Person, Registration
from services.registration.newcomers import person_at
from services.registration.places import UnknownRegistration
from services.registration.seats import is_over, lock_session
from services.registration.staff_actions import NotPossible
from services.registration.tasks import MAIL_BOUNCED, settle_about
from services.registration.telling import tell


def correct_address(
    db: Session, registration_id: UUID, email: str, *, actor: str, reason: str, now: datetime
) -> Registration:
    """Let a person's places have another address, under which they may be known already.

    An address can be shared, by a local's office say: only places under the same name move.
    UnknownRegistration; NotPossible: same_address, address_taken.
    """
    registration = db.get(Registration, registration_id)
    if registration is None or registration.forgotten_at is not None:
        raise UnknownRegistration(registration_id)
    places = _locked_places(db, registration)
    before = registration.person.email
    if email == before:
        raise NotPossible("same_address")
    _give_address(db, registration.person, places, email, now)
    words = f"{before} → {email} · {reason}"
    for place in places:
        place.link_version += 1  # The old address may be somebody else's.
        note(db, place, "readdressed", now=now, actor=actor, reason=words)
    db.flush()
    for place in places:
        if not is_over(place.session, now):
            tell(db, REGISTRATION_READDRESSED, place, now=now, previous_email=before)
    own = [place.id for place in places]
    settle_about(db, MAIL_BOUNCED, own, actor=actor, outcome=words, now=now)
    return registration


def _locked_places(db: Session, registration: Registration) -> list[Registration]:
    """The places under the same name and address, their sessions locked in the order of ids."""
    query = sa.select(Registration).where(Registration.person_id == registration.person_id)
    name = registration.name.casefold()
    places = [each for each in db.scalars(query) if each.name.casefold() == name]
    for session_id in sorted({each.session_id for each in places}):
        lock_session(db, session_id)
    for place in places:
        db.refresh(place)
    return sorted(places, key=lambda each: each.joined_at)


def _give_address(
    db: Session, old: Person, places: Sequence[Registration], email: str, now: datetime
) -> None:
    """Correct the person's address, or hand the places to whoever has the new one."""
    key = email.casefold()
    known = db.scalar(sa.select(Person).where(Person.email_key == key))
    is_shared = _is_shared(db, old, places)
    if known is old or (known is None and not is_shared):
        old.email, old.email_key = email, key
        old.mail_failure, old.mail_failed_at, old.mail_arrived_at = "", None, None
        return
    if not is_shared:
        old.announcements_since = None  # Nobody reads them there, or somebody else does.
    person = known or person_at(db, email, now)
    if _clashes(db, person, places):
        raise NotPossible("address_taken")
    for place in places:
        place.person = person


def _is_shared(db: Session, person: Person, places: Sequence[Registration]) -> bool:
    query = sa.select(Registration.id).where(
        Registration.person_id == person.id,
        Registration.id.not_in([each.id for each in places]),
    )
    return db.scalar(query.limit(1)) is not None


def _clashes(db: Session, person: Person, places: Sequence[Registration]) -> bool:
    """Whether a live place would be the person's second in its session."""
    live = [each.session_id for each in places if each.state in LIVE]
    query = sa.select(Registration.id).where(
        Registration.person_id == person.id,
        Registration.session_id.in_(live),
        Registration.state.in_(LIVE),
    )
    return db.scalar(query.limit(1)) is not None
