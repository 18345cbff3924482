"""Signing up: a person asks for a seat and gets it, or a place in line, in one transaction."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new, insert_row, table_of
from services.chassis.ids import new_id
from services.contracts.registrations import REGISTRATION_REPEATED
from services.registration.consent import agree_to_announcements
from services.registration.fees import fee_for, today
from services.registration.history import MEMBER, note
from services.registration.models import (
    CONFIRMED,
    LIVE,
    WAITING,
    HistoryEntry,
    Need,
    Organisation,
    Person,
    Registration,
    StoredAnswer,
    WorkshopSession,
)
from services.registration.seats import (
    UnknownSession,
    announce_seats,
    free_seats,
    is_open,
    lock_session,
    next_arrival,
    place_in_line,
    put_in_line,
    tell_confirmed,
)
from services.registration.telling import tell

REPEAT_MAIL_EVERY = timedelta(hours=1)
_PERSON = sa.select(Person).where(Person.email_key == sa.bindparam("email_key"))
_answers = table_of(StoredAnswer)
_STORED = sa.select(_answers).where(_answers.c.key == sa.bindparam("wanted"))


class NotBookable(Exception):
    """The session takes no sign-ups; `reason` is unknown, cancelled, past or closed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KeyUsedOtherwise(Exception):
    """The same idempotency key came with another request."""


@dataclass(frozen=True)
class SignUp:
    """What a member filled in, checked; `organisation_name` is as they typed it."""

    name: str
    email: str
    language: str
    organisation_name: str
    organisation_id: UUID | None = None
    role: str = ""
    phone: str = ""
    phone_on_roster: bool = False
    needs: str = ""
    auto_confirm: bool = False
    announcements: bool = False


@dataclass(frozen=True)
class Answer:
    """What became of a sign-up; when `repeated`, the address had a live place before."""

    registration: Registration
    place: int | None
    repeated: bool


def sign_up(
    db: Session, session_id: UUID, entry: SignUp, *, key: str = "", now: datetime
) -> Answer:
    """Give a seat or a place in line; the same key gives the same answer again.

    NotBookable when the session takes no sign-ups, KeyUsedOtherwise.
    """
    session = _locked_session(db, session_id)
    digest = _digest(session_id, entry)
    if stored := _stored_answer(db, key, digest):
        return stored
    bookable(session, now)
    person, is_new = person_at(db, entry.email, now)
    registration = None if is_new else _live_registration(db, session_id, person)
    repeated = registration is not None
    if registration is None:
        registration, place = _register(db, session, person, entry, now)
    else:
        place = _mail_details_again(db, registration, now)
    if key:
        _store_answer(db, key, digest, registration, repeated=repeated, now=now)
    return Answer(registration, place, repeated)


def was_answered(db: Session, key: str) -> bool:
    """Whether a sign-up with this key has been answered, so that this one is the same again."""
    return db.get(StoredAnswer, key) is not None


def bookable(session: WorkshopSession | None, now: datetime) -> WorkshopSession:
    """The session itself; NotBookable with the reason when it takes no sign-ups."""
    if session is None:
        raise NotBookable("unknown")
    if session.status == "cancelled":
        raise NotBookable("cancelled")
    if session.starts_at <= now and session.facts["days"][0]["starts"]:
        raise NotBookable("past")
    if not is_open(session, now):
        raise NotBookable("closed")
    return session


def person_at(db: Session, email: str, now: datetime) -> tuple[Person, bool]:
    """Whoever has an address, and whether that is somebody new."""
    key = email.casefold()
    is_new = insert_new(db, Person, id=new_id(), email_key=key, email=email, created_at=now)
    return db.scalars(_PERSON, {"email_key": key}).one(), is_new


def _locked_session(db: Session, session_id: UUID) -> WorkshopSession:
    try:
        return lock_session(db, session_id)
    except UnknownSession as problem:
        raise NotBookable(problem.reason) from problem


def _live_registration(db: Session, session_id: UUID, person: Person) -> Registration | None:
    return db.scalar(
        sa.select(Registration).where(
            Registration.session_id == session_id,
            Registration.person_id == person.id,
            Registration.state.in_(LIVE),
        )
    )


def _register(
    db: Session, session: WorkshopSession, person: Person, entry: SignUp, now: datetime
) -> tuple[Registration, int | None]:
    has_seat = free_seats(db, session) > 0
    registration = _new_registration(db, session, person, entry, now)
    if has_seat:
        registration.state, registration.confirmed_at = CONFIRMED, now
    insert_row(db, registration)
    if entry.needs:
        db.add(Need(registration_id=registration.id, text=entry.needs))
    note(db, registration, "signed_up", now=now, actor=MEMBER)
    if entry.announcements:
        agree_to_announcements(db, registration, now=now)
    place = None if has_seat else put_in_line(db, registration, now=now)
    if has_seat:
        tell_confirmed(db, registration, now=now, actor=MEMBER)
    announce_seats(db, session, now)
    return registration, place


def _new_registration(
    db: Session, session: WorkshopSession, person: Person, entry: SignUp, now: datetime
) -> Registration:
    organisation = db.get(Organisation, entry.organisation_id) if entry.organisation_id else None
    fee = fee_for(session.facts, organisation, today(now))
    return Registration(
        id=new_id(),
        session_id=session.id,
        person_id=person.id,
        person=person,
        organisation_id=organisation.id if organisation else None,
        organisation_name=organisation.name if organisation else entry.organisation_name,
        name=entry.name,
        role=entry.role,
        language=entry.language,
        phone=entry.phone,
        phone_on_roster=entry.phone_on_roster,
        auto_confirm=entry.auto_confirm,
        state=WAITING,
        arrival=next_arrival(db, session),
        joined_at=now,
        fee_cents=fee.cents,
        fee_rule=fee.rule,
    )


def _mail_details_again(db: Session, registration: Registration, now: datetime) -> int | None:
    """Send the details to the address they belong to, at most once an hour; gives the place."""
    place = place_in_line(db, registration)
    lately = sa.select(HistoryEntry.id).where(
        HistoryEntry.registration_id == registration.id,
        HistoryEntry.action == "repeated",
        HistoryEntry.at > now - REPEAT_MAIL_EVERY,
    )
    if db.scalar(lately.limit(1)) is None:
        note(db, registration, "repeated", now=now, actor=MEMBER)
        tell(db, REGISTRATION_REPEATED, registration, now=now, place=place)
    return place


def _digest(session_id: UUID, entry: SignUp) -> str:
    text = json.dumps([str(session_id), asdict(entry)], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _stored_answer(db: Session, key: str, digest: str) -> Answer | None:
    stored = db.execute(_STORED, {"wanted": key}).one_or_none() if key else None
    if stored is None:
        return None
    if stored.digest != digest:
        raise KeyUsedOtherwise(key)
    registration = db.get_one(Registration, stored.registration_id)
    return Answer(registration, place_in_line(db, registration), stored.repeated)


def _store_answer(
    db: Session,
    key: str,
    digest: str,
    registration: Registration,
    *,
    repeated: bool,
    now: datetime,
) -> None:
    answer = {"digest": digest, "registration_id": registration.id, "repeated": repeated}
    if not insert_new(db, StoredAnswer, key=key, **answer, created_at=now):
        raise KeyUsedOtherwise(key)  # By a sign-up for another session at the same moment.
