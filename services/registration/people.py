"""Who somebody is: the places, names and numbers under an address, as requests need them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.chassis.staff import StaffMember
from services.registration.models import Person, Registration


class AddressIsShared(Exception):
    """Several people use the address, so it has to be said who of them is meant."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


def who_is(db: Session, email: str, *, name: str = "", everybody: bool = False) -> dict[str, Any]:
    """The contract's data about whoever has an address; also of one that nobody knows.

    With a name only the one who bears it. AddressIsShared where several do, none is named, and
    not `everybody` is meant.
    """
    found = _places(db, email)
    names = _names(found)
    meant = [each for each in names if not name or each.casefold() == name.casefold()]
    if len(names) > 1 and not name and not everybody:
        raise AddressIsShared(names)
    own = {each.casefold() for each in meant}
    places = [each for each in found if each.name.casefold() in own]
    return {
        "request_id": new_id(),
        "email": found[0].person.email if found else email,
        "name": name if len(meant) < len(names) else "",
        "names": [each for each in meant if not _is_borne_by_others(db, each, email)],
        "phones": sorted({each.phone for each in places if each.phone}),
        "registration_ids": [each.id for each in places],
        "is_staff": is_staff(db, email),
    }


def is_staff(db: Session, email: str) -> bool:
    """Whether a staff account has this address."""
    query = sa.select(StaffMember.id).where(sa.func.lower(StaffMember.email) == email.casefold())
    return db.scalar(query.limit(1)) is not None


def places_of(db: Session, registration_ids: Sequence[UUID]) -> list[Registration]:
    """The places of somebody, the oldest first."""
    query = sa.select(Registration).where(Registration.id.in_(registration_ids))
    return list(db.scalars(query.order_by(Registration.joined_at)))


def _places(db: Session, email: str) -> list[Registration]:
    query = sa.select(Registration).join(Registration.person)
    query = query.where(Person.email_key == email.casefold(), Registration.forgotten_at.is_(None))
    return list(db.scalars(query.order_by(Registration.joined_at)))


def _names(places: Sequence[Registration]) -> list[str]:
    """Each name once, as it was written last."""
    return list({each.name.casefold(): each.name for each in places}.values())


def _is_borne_by_others(db: Session, name: str, email: str) -> bool:
    """Whether taking the name out of words could take out somebody else's.

    That is so of a single word as well, which may be any word.
    """
    if len(name.split()) < 2:
        return True
    query = sa.select(Registration.id).join(Registration.person)
    others = (Registration.name.ilike(name.replace("%", "")), Person.email_key != email.casefold())
    return db.scalar(query.where(*others).limit(1)) is not None
