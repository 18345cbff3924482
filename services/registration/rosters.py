"""Rosters: who is confirmed, for the people who run a session, and when it is sent to them."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import phonenumbers
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.i18n import say
from services.chassis.links import Links
from services.chassis.outbox import publish
from services.chassis.rules import Thing, is_needed
from services.contracts.registrations import ROSTER_DUE
from services.documents.dates import Day
from services.documents.labels import labels_in
from services.documents.roster import Roster, RosterRow
from services.registration.models import CONFIRMED, Need, Registration, WorkshopSession
from services.registration.preferences import ROSTER_ATTACHED, chosen
from services.registration.roster_recipients import recipients_of
from services.registration.seats import UnknownSession
from services.registration.sending_models import RosterRecipient
from services.registration.telling import facts_of, summary_of

ON_DEMAND = "on_demand"


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
        place=_place(facts, language),
        host=facts["host"]["name"] if facts["host"] else "",
        facilitators=tuple(each["name"] for each in facts["facilitators"]),
        rows=tuple(RosterRow(**_row(each, language)) for each in _confirmed(db, session_id)),
        needs={labels_in(language)["people_with_needs"]: with_needs} if with_needs else {},
        bring=tuple(say(facts["bring"], language)[0].splitlines()),
    )


def count_needs(db: Session, session_id: UUID) -> int:
    """How many of the confirmed have written that they need something."""
    query = sa.select(sa.func.count()).select_from(Need).join(Registration)
    return db.scalar(query.where(*_is_confirmed(session_id))) or 0


def link_has_expired(session: WorkshopSession, now: datetime) -> bool:
    """A roster's link dies when facilitators, too, have no more business with the session."""
    return not is_needed(Thing(ends_on=session.ends_on, zone=session.facts["zone"]), now)


def send_roster(
    db: Session, session: WorkshopSession, occasion: str, *, links: Links, now: datetime
) -> int:
    """Send the roster as it is now to all its recipients; returns to how many."""
    recipients = recipients_of(db, session.id)
    _send(db, session, occasion, recipients, links=links, now=now)
    return len(recipients)


def roster_version(db: Session, session: WorkshopSession) -> str:
    """What tells the roster, as it is now, from an earlier one."""
    return _version(facts_of(session), _lines(_confirmed(db, session.id), "en"))


def send_roster_to(
    db: Session,
    session: WorkshopSession,
    recipient: RosterRecipient,
    *,
    links: Links,
    now: datetime,
) -> None:
    """Send the roster as it is now to one of its recipients, who has just become one."""
    _send(db, session, ON_DEMAND, [recipient], links=links, now=now)


def _send(
    db: Session,
    session: WorkshopSession,
    occasion: str,
    recipients: Iterable[RosterRecipient],
    *,
    links: Links,
    now: datetime,
) -> None:
    """Publish the roster once for each recipient."""
    facts = facts_of(session)
    confirmed = _confirmed(db, session.id)
    data: dict[str, Any] = {
        "session": summary_of(session, with_link=True),
        "occasion": occasion,
        "capacity": session.capacity,
        "facilitators": [each["name"] for each in facts["facilitators"]],
        "host": facts["host"]["name"] if facts["host"] else "",
        "with_needs": count_needs(db, session.id),
        "attached": chosen(db, ROSTER_ATTACHED),
        "content_version": _version(facts, _lines(confirmed, "en")),
    }
    for each in recipients:
        contact = {"name": each.name, "email": each.email, "language": each.language}
        token, lines = links.roster_token(each.id), _lines(confirmed, each.language)
        own = {"recipient": contact, "link_token": token, "lines": lines}
        publish(db, ROSTER_DUE, subject=session.id, data=data | own, now=now)
        each.sent_at = now


def _place(facts: dict[str, Any], language: str) -> str:
    if facts["online"]:
        return labels_in(language)["online"]
    return ", ".join(each for each in (facts["place"], facts["room"]) if each)


def _confirmed(db: Session, session_id: UUID) -> list[Registration]:
    rows = db.scalars(sa.select(Registration).where(*_is_confirmed(session_id)))
    return sorted(rows, key=lambda each: (each.name.casefold(), each.joined_at))


def _is_confirmed(session_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return Registration.session_id == session_id, Registration.state == CONFIRMED


def _lines(confirmed: Iterable[Registration], language: str) -> list[dict[str, str]]:
    return [_line(each, language) for each in confirmed]


def _line(registration: Registration, language: str) -> dict[str, str]:
    """One person as the contract's RosterLine has them; a note only where there is one."""
    fails = bool(registration.person.mail_failure)
    return {
        "name": registration.name,
        "organisation": registration.organisation_name,
        "role": registration.role,
        "email": registration.person.email,
        "phone": _readable(registration.phone) if registration.phone_on_roster else "",
        **({"note": labels_in(language)["mail_fails"]} if fails else {}),
    }


def _readable(phone: str) -> str:
    """A number in E.164 as people write it."""
    if not phone:
        return ""
    number = phonenumbers.parse(phone)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _row(registration: Registration, language: str) -> dict[str, str]:
    line = _line(registration, language)
    return line | {"local": line.pop("organisation")}


def _version(facts: dict[str, Any], lines: list[dict[str, str]]) -> str:
    """Tells two rosters apart by what they say."""
    said = ("days", "place", "room", "online", "title", "facilitators", "host")
    seen = [facts[name] for name in said]
    text = json.dumps([seen, lines], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
