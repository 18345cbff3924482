"""What of registration a reader may reach: its sessions and places, as the policy sees them."""

from uuid import UUID

from flask import abort
from sqlalchemy.orm import Session

from services.chassis.access import require
from services.chassis.areas import named
from services.chassis.rules import Action, Thing
from services.registration.models import Registration, StaffTask, WorkshopSession


def thing_of(session: WorkshopSession) -> Thing:
    """A session as the policy sees it; what is done to a place in it is done to the session."""
    return Thing(
        areas=named(session.area),
        facilitators=frozenset(each["email"].casefold() for each in session.facts["facilitators"]),
        ends_on=session.ends_on,
        zone=session.facts["zone"],
    )


def seen_session(db: Session, session_id: UUID | None, action: Action) -> WorkshopSession:
    """The session, for whoever makes this request; 404 when unknown, 403 when not theirs."""
    session = db.get(WorkshopSession, session_id) if session_id else None
    if session is None:
        abort(404)
    require(action, thing_of(session))
    return session


def seen_place(db: Session, registration_id: UUID, action: Action) -> Registration:
    """The registration, in the same way."""
    registration = db.get(Registration, registration_id)
    if registration is None:
        abort(404)
    require(action, thing_of(db.get_one(WorkshopSession, registration.session_id)))
    return registration


def seen_task(db: Session, task_id: UUID, action: Action) -> StaffTask:
    """The task; one that is about no session is everybody's."""
    task = db.get(StaffTask, task_id)
    if task is None:
        abort(404)
    session = db.get(WorkshopSession, task.session_id) if task.session_id else None
    require(action, thing_of(session) if session else Thing())
    return task
