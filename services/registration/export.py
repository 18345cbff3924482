"""All that registration knows of somebody, as rows for the file that they get."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.registration.history import MEMBER, TURNOUT
from services.registration.models import (
    HistoryEntry,
    Need,
    Person,
    Registration,
    StaffTask,
    WorkshopSession,
)
from services.registration.people import places_of
from services.registration.sending_models import RosterOpening, RosterRecipient

Row = dict[str, Any]
_PLACE = (
    *("name", "role", "organisation_name", "language", "phone", "phone_on_roster", "state"),
    *("joined_at", "offered_at", "offered_until", "confirmed_at", "ended_at", "no_show"),
    *("fee_cents", "fee_rule", "auto_confirm", "hold_reason", "reminded_at"),
)


def rows_of(db: Session, who: dict[str, Any]) -> dict[str, list[Row]]:
    """Rows by kind, in JSON form; of somebody unknown there are none."""
    places = places_of(db, who["registration_ids"])
    found = {
        "address": list(_address(db, who)),
        "places": [_place(db, each) for each in places],
        "needs": list(_needs(db, places)),
        "history": list(_history(db, places)),
        "tasks": list(_tasks(db, who, places)),
        "rosters": list(_rosters(db, who)),
    }
    return {kind: rows for kind, rows in found.items() if rows}


def session_facts(session: WorkshopSession) -> Row:
    """What tells a session: its titles, and its first day."""
    return {"session": session.facts["title"], "first_day": session.facts["days"][0]["date"]}


def as_json(value: Any) -> Any:
    """A value as JSON has it; moments with their zone, which is UTC."""
    return value.isoformat() if isinstance(value, datetime | date) else value


def _address(db: Session, who: dict[str, Any]) -> Iterator[Row]:
    query = sa.select(Person).where(Person.email_key == who["email"].casefold())
    for person in db.scalars(query):
        names = ("email", "created_at", "mail_failure", "mail_failed_at", "mail_arrived_at")
        yield {name: as_json(getattr(person, name)) for name in (*names, "announcements_since")}


def _place(db: Session, place: Registration) -> Row:
    session = db.get_one(WorkshopSession, place.session_id)
    return session_facts(session) | {name: as_json(getattr(place, name)) for name in _PLACE}


def _needs(db: Session, places: Sequence[Registration]) -> Iterator[Row]:
    for place in places:
        if (need := db.get(Need, place.id)) is not None:
            session = db.get_one(WorkshopSession, place.session_id)
            yield session_facts(session) | {"text": need.text}


def _history(db: Session, places: Sequence[Registration]) -> Iterator[Row]:
    """What happened; of staff it says that it was they, for their names are theirs."""
    ids = [each.id for each in places]
    query = sa.select(HistoryEntry).where(HistoryEntry.registration_id.in_(ids))
    for entry in db.scalars(query.order_by(HistoryEntry.at)):
        session = db.get_one(WorkshopSession, entry.session_id)
        by = entry.actor if entry.actor in (MEMBER, TURNOUT) else "staff"
        yield session_facts(session) | {
            "at": as_json(entry.at),
            "action": entry.action,
            "by": by,
            "reason": entry.reason,
        }


def _tasks(db: Session, who: dict[str, Any], places: Sequence[Registration]) -> Iterator[Row]:
    about = sa.or_(
        StaffTask.registration_id.in_([each.id for each in places]),
        StaffTask.words.startswith(f"{who['email']}: ", autoescape=True),
    )
    for task in db.scalars(sa.select(StaffTask).where(about).order_by(StaffTask.created_at)):
        names = ("kind", "created_at", "words", "done_at", "outcome")
        yield {name: as_json(getattr(task, name)) for name in names}


def _rosters(db: Session, who: dict[str, Any]) -> Iterator[Row]:
    """The rosters that they got themselves, and when they opened them."""
    query = sa.select(RosterRecipient).where(RosterRecipient.email_key == who["email"].casefold())
    for row in db.scalars(query):
        if who["name"] and row.name.casefold() != who["name"].casefold():
            continue
        openings = sa.select(RosterOpening).where(RosterOpening.recipient_id == row.id)
        names = ("name", "email", "role", "sent_at", "removed_at")
        opened = [f"{each.at.isoformat()} {each.form}" for each in db.scalars(openings)]
        facts = {name: as_json(getattr(row, name)) for name in names}
        yield (
            session_facts(db.get_one(WorkshopSession, row.session_id)) | facts | {"opened": opened}
        )
