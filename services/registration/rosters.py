"""Rosters: who is confirmed, for the people who run a session, and when it is sent to them."""

import hashlib
import json
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.i18n import say
from services.chassis.links import Links
from services.chassis.outbox import publish
from services.contracts.registrations import ROSTER_DUE
from services.documents.dates import Day
from services.documents.labels import labels_in
from services.documents.roster import Roster, RosterRow
from services.registration.models import (
    CONFIRMED,
    Need,
    Registration,
    RosterSending,
    WorkshopSession,
)
from services.registration.seats import UnknownSession
from services.registration.telling import facts_of, summary_of

LINK_LIVES_AFTER = timedelta(days=14)
THREE_DAYS, DAY_BEFORE = "three_days", "day_before"
OCCASIONS = {THREE_DAYS: 3, DAY_BEFORE: 1}
"""When a roster goes out by itself, in days before the session."""


def roster_of(db: Session, session_id: UUID, *, language: str, now: datetime) -> Roster:
    """The roster of a session in a language; UnknownSession."""
    session = db.get(WorkshopSession, session_id)
    if session is None:
        raise UnknownSession(session_id)
    facts = facts_of(session)
    with_needs = count_needs(db, session_id)
    return Roster(
        title=say(facts["title"], language)[0],
        days=tuple(Day(**day) for day in facts["days"]),
        zone=facts["zone"],
        as_of=now,
        capacity=session.capacity,
        language=language,
        place=", ".join(each for each in (facts["place"], facts["room"]) if each),
        host=facts["host"]["name"] if facts["host"] else "",
        facilitators=tuple(each["name"] for each in facts["facilitators"]),
        rows=tuple(RosterRow(**_row(each)) for each in _confirmed(db, session_id)),
        needs={labels_in(language)["people_with_needs"]: with_needs} if with_needs else {},
        bring=tuple(say(facts["bring"], language)[0].splitlines()),
    )


def count_needs(db: Session, session_id: UUID) -> int:
    """How many of the confirmed have written that they need something."""
    query = sa.select(sa.func.count()).select_from(Need).join(Registration)
    return db.scalar(query.where(*_is_confirmed(session_id))) or 0


def link_has_expired(session: WorkshopSession, today: date) -> bool:
    """A roster's link is dead fourteen days after the last day."""
    return today > session.ends_on + LINK_LIVES_AFTER


def send_roster(
    db: Session, session: WorkshopSession, occasion: str, *, links: Links, now: datetime
) -> int:
    """Send the roster to facilitators and host as it is now; returns to how many."""
    facts = facts_of(session)
    lines = [_line(each) for each in _confirmed(db, session.id)]
    version = _version(facts, lines)
    data: dict[str, Any] = {
        "session": summary_of(session, with_link=True),
        "occasion": occasion,
        "capacity": session.capacity,
        "facilitators": [each["name"] for each in facts["facilitators"]],
        "host": facts["host"]["name"] if facts["host"] else "",
        "lines": lines,
        "with_needs": count_needs(db, session.id),
        "link_token": links.roster_token(session.id),
        "content_version": version,
    }
    recipients = _recipients(facts)
    for recipient in recipients:
        publish(db, ROSTER_DUE, subject=session.id, data=data | {"recipient": recipient}, now=now)
    if recipients:
        _remember(db, session.id, occasion, version, now)
    return len(recipients)


def roster_moment(session: WorkshopSession, days_before: int) -> datetime:
    """When a roster or reminder is due: nine in the morning there, so many days before."""
    zone = ZoneInfo(session.facts["zone"])
    first = date.fromisoformat(session.facts["days"][0]["date"])
    return datetime.combine(first - timedelta(days=days_before), time(9), zone)


def remind_anew(db: Session, session: WorkshopSession, now: datetime) -> None:
    """Let a session that was put off have its rosters and reminders again, as they fall due."""
    ahead = [each for each, days in OCCASIONS.items() if now < roster_moment(session, days)]
    sent = sa.delete(RosterSending).where(RosterSending.session_id == session.id)
    db.execute(sent.where(RosterSending.occasion.in_(ahead)))
    if THREE_DAYS in ahead:
        everyone = sa.update(Registration).where(Registration.session_id == session.id)
        db.execute(everyone.values(reminded_at=None))


def has_changed_since(db: Session, session: WorkshopSession, occasion: str) -> bool:
    """Whether the roster differs from what was sent on an occasion."""
    sent = db.get(RosterSending, (session.id, occasion))
    lines = [_line(each) for each in _confirmed(db, session.id)]
    return sent is None or sent.content_version != _version(facts_of(session), lines)


def _confirmed(db: Session, session_id: UUID) -> list[Registration]:
    rows = db.scalars(sa.select(Registration).where(*_is_confirmed(session_id)))
    return sorted(rows, key=lambda each: (each.name.casefold(), each.joined_at))


def _is_confirmed(session_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Registration.session_id == session_id, Registration.state == CONFIRMED


def _line(registration: Registration) -> dict[str, str]:
    """One person as the contract's RosterLine has them."""
    return {
        "name": registration.name,
        "organisation": registration.organisation_name,
        "role": registration.role,
        "email": registration.person.email,
        "phone": _readable(registration.phone) if registration.phone_on_roster else "",
    }


def _readable(phone: str) -> str:
    """A number in E.164 as people write it."""
    if not phone:
        return ""
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _row(registration: Registration) -> dict[str, str]:
    line = _line(registration)
    return line | {"local": line.pop("organisation")}


def _version(facts: dict[str, Any], lines: list[dict[str, str]]) -> str:
    """Tells two rosters apart by what they say."""
    said = ("days", "place", "room", "online", "title", "facilitators", "host")
    seen = [facts[name] for name in said]
    text = json.dumps([seen, lines], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _recipients(facts: dict[str, Any]) -> list[dict[str, str]]:
    """Facilitators and host, each address once."""
    everyone = [*facts["facilitators"], *([facts["host"]] if facts["host"] else [])]
    return list({each["email"].casefold(): each for each in everyone}.values())


def _remember(db: Session, session_id: UUID, occasion: str, version: str, now: datetime) -> None:
    row = RosterSending(session_id=session_id, occasion=occasion, content_version=version, at=now)
    db.merge(row)
