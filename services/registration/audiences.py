"""Whom a message to a group reaches: by their place in a session, or by their local or its area.

Everybody counts once, by their newest registration.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.registration.models import (
    CANCELLED,
    CONFIRMED,
    OFFERED,
    WAITING,
    Organisation,
    Registration,
    WorkshopSession,
)

NO_SHOW, LOCAL, CLUSTER = "no_show", "local", "cluster"
OF_A_SESSION = (CONFIRMED, OFFERED, WAITING, CANCELLED, NO_SHOW)
"""The groups of one session; `local` and `cluster` reach across all sessions."""


@dataclass(frozen=True)
class Audience:
    """A group: of a session, of one local in it where named, of a local, or of an area."""

    kind: str
    session_id: UUID | None = None
    organisation_id: UUID | None = None
    area: str = ""

    @property
    def is_announcement(self) -> bool:
        """Whether it reaches people whom no registration makes expect this mail."""
        return self.session_id is None

    def in_json(self) -> dict[str, Any]:
        """How the message keeps it."""
        return {name: str(value or "") for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Group:
    """Who is in an audience at one moment, and who of them is not written to and why."""

    readers: tuple[Registration, ...]
    unreachable: tuple[Registration, ...] = ()
    not_agreed: tuple[Registration, ...] = ()

    @property
    def languages(self) -> dict[str, int]:
        """How many read each language."""
        counted = Counter(each.language for each in self.readers)
        return {language: counted[language] for language in ("en", "fr")}


def find_group(db: Session, audience: Audience) -> Group:
    """The audience as it is now; announcements only to those who have agreed to them."""
    if audience.is_announcement:
        return _group(_members(db, audience), by_consent=True)
    return groups_of_session(db, audience)[audience.kind]


def groups_of_session(db: Session, audience: Audience) -> dict[str, Group]:
    """All the groups of a session, of one local where the audience names one."""
    people = _people_in(db, audience.session_id, audience.organisation_id)
    return {
        kind: _group((each for each in people if _is_in(kind, each)), by_consent=False)
        for kind in OF_A_SESSION
    }


def locals_in(db: Session, session_id: UUID) -> Sequence[Organisation]:
    """The locals that people in a session have named."""
    named = sa.select(Registration.organisation_id).where(Registration.session_id == session_id)
    query = sa.select(Organisation).where(Organisation.id.in_(named))
    return db.scalars(query.order_by(Organisation.name)).all()


def area_of(db: Session, audience: Audience) -> str:
    """The area that a group is in: its session's, its local's or the one that it is."""
    if audience.session_id is not None:
        return db.get_one(WorkshopSession, audience.session_id).area
    local = db.get(Organisation, audience.organisation_id) if audience.organisation_id else None
    return local.area if local else audience.area


def _people_in(
    db: Session, session_id: UUID | None, organisation_id: UUID | None
) -> list[Registration]:
    """Everybody's newest registration; who was moved elsewhere is in no group any more."""
    moved = sa.select(Registration.moved_from_id).where(Registration.moved_from_id.is_not(None))
    query = sa.select(Registration).where(
        Registration.session_id == session_id,
        Registration.id.not_in(moved),
        Registration.forgotten_at.is_(None),
    )
    newest = {each.person_id: each for each in db.scalars(query.order_by(Registration.arrival))}
    return [
        each
        for each in newest.values()
        if organisation_id is None or each.organisation_id == organisation_id
    ]


def _is_in(kind: str, registration: Registration) -> bool:
    if kind == NO_SHOW:
        return registration.state == CONFIRMED and registration.no_show
    return registration.state == kind


def _members(db: Session, audience: Audience) -> Sequence[Registration]:
    """Those whose newest registration of all names the local, or one of the area."""
    newest = sa.func.row_number().over(
        partition_by=Registration.person_id,
        order_by=(Registration.joined_at.desc(), Registration.id.desc()),
    )
    ranked = sa.select(Registration.id, newest.label("rank")).subquery()
    locals_ = sa.select(Organisation.id).where(
        Organisation.id == audience.organisation_id
        if audience.kind == LOCAL
        else Organisation.area == audience.area
    )
    query = sa.select(Registration).join(ranked, ranked.c.id == Registration.id)
    return db.scalars(
        query.where(
            ranked.c.rank == 1,
            Registration.organisation_id.in_(locals_),
            Registration.forgotten_at.is_(None),
        )
    ).all()


def _group(found: Iterable[Registration], *, by_consent: bool) -> Group:
    everybody = sorted(found, key=lambda each: (each.name.casefold(), each.id))
    found_as: dict[str, list[Registration]] = {"readers": [], "unreachable": [], "not_agreed": []}
    for each in everybody:
        if by_consent and not each.person.announcements_since:
            found_as["not_agreed"].append(each)
        else:
            found_as["unreachable" if each.person.mail_failure else "readers"].append(each)
    return Group(**{name: tuple(people) for name, people in found_as.items()})
