"""What of the catalogue a reader may reach: sessions and workshops, as the policy sees them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.history import WORKSHOP_FIELDS
from services.catalog.models import Workshop, WorkshopSession
from services.catalog.refusals import NotFound
from services.chassis.access import may_now, own_areas, require
from services.chassis.areas import as_known, named
from services.chassis.policy import EDIT_SESSIONS, EDIT_WORKSHOPS, SEE_WORKSHOPS
from services.chassis.rules import Action, Thing
from services.chassis.staff import StaffMember


def thing_of(session: WorkshopSession) -> Thing:
    """A session as the policy sees it."""
    return Thing(areas=named(session.area))


def seen_session(db: Session, session_id: UUID, action: Action) -> WorkshopSession:
    """The session, for whoever makes this request; NotFound when unknown, 403 when not theirs."""
    session = db.get(WorkshopSession, session_id)
    if session is None:
        raise NotFound
    require(action, thing_of(session))
    return session


def seen_workshop(db: Session, workshop_id: UUID) -> Workshop:
    """The workshop, to be changed; its texts stand on all its dates, so all must be theirs."""
    workshop = db.get(Workshop, workshop_id)
    if workshop is None:
        raise NotFound
    require(EDIT_WORKSHOPS, _thing_of_all(workshop))
    return workshop


def sees_workshop(workshop: Workshop) -> bool:
    """Whether any of its dates is the reader's; without dates it is everybody's."""
    if not own_areas(SEE_WORKSHOPS):
        return may_now(SEE_WORKSHOPS)
    things = [thing_of(each) for each in workshop.sessions] or [Thing()]
    return any(may_now(SEE_WORKSHOPS, each) for each in things)


def require_change(db: Session, session_id: UUID, changes: Mapping[str, Any]) -> None:
    """End the request with 403 unless whoever makes it may change these fields of a session."""
    session = seen_session(db, session_id, EDIT_SESSIONS)
    require(EDIT_SESSIONS, Thing(areas=named(changes.get("area", ""))))
    texts = {name: changes[name] for name in WORKSHOP_FIELDS if name in changes}
    if any(getattr(session.workshop, name) != value for name, value in texts.items()):
        require(EDIT_WORKSHOPS, _thing_of_all(session.workshop))


def placed(db: Session, values: dict[str, Any]) -> dict[str, Any]:
    """The values with the area as it is spelled elsewhere; a new session is where its maker is."""
    own = sorted(own_areas(EDIT_SESSIONS))
    default = own[0] if len(own) == 1 else ""
    return values | {"area": as_known(values.get("area") or default, known_areas(db))}


def is_own_area(area: str) -> bool:
    """Whether whoever makes this request may put a session there."""
    return may_now(EDIT_SESSIONS, Thing(areas=named(area)))


def known_areas(db: Session) -> list[str]:
    """The areas of sessions and of staff: what there is to choose from while typing."""
    of_sessions = db.scalars(sa.select(WorkshopSession.area).distinct())
    of_staff = [area for areas in db.scalars(sa.select(StaffMember.areas)) for area in areas]
    return sorted({*of_sessions, *of_staff} - {""}, key=str.casefold)


def _thing_of_all(workshop: Workshop) -> Thing:
    return Thing(areas=frozenset(each.area for each in workshop.sessions if each.area))
