"""People by their address: those who are known, and those who become so when they first sign up."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, make_transient_to_detached

from services.chassis.db import insert_all_new
from services.chassis.ids import new_id
from services.registration.models import Person

_PEOPLE = sa.select(Person).where(Person.email_key.in_(sa.bindparam("keys", expanding=True)))


def person_at(db: Session, email: str, now: datetime) -> Person:
    """Whoever has this address; who is not known yet becomes so."""
    new = newcomers_at(db, [email], now)
    [person] = (new or acquaintances_at(db, [email])).values()
    return person


def newcomers_at(db: Session, emails: Iterable[str], now: datetime) -> dict[str, Person]:
    """Those of these addresses that were nobody's until now, as people, by casefolded address."""
    people: list[dict[str, Any]] = [
        {"id": new_id(), "email_key": each.casefold(), "email": each, "created_at": now}
        for each in emails
    ]
    new = insert_all_new(db, Person, people, "email_key")
    return {each["email_key"]: _kept(db, each) for each in people if (each["id"],) in new}


def acquaintances_at(db: Session, emails: Iterable[str]) -> dict[str, Person]:
    """Whoever is known by one of these addresses, by casefolded address."""
    keys = [each.casefold() for each in emails]
    found = db.scalars(_PEOPLE, {"keys": keys}) if keys else ()
    return {each.email_key: each for each in found}


def _kept(db: Session, row: dict[str, Any]) -> Person:
    """The person whose row has just been inserted; to ask for it would be a statement more."""
    person = Person(**row)
    make_transient_to_detached(person)
    db.add(person)
    return person
