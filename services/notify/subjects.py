"""What is kept of each registration: the newest that its events have said, in any order."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import insert_new, locked
from services.contracts import Event
from services.contracts.shapes import WhenAndWhere
from services.notify.models import SubjectState

_WHEN_AND_WHERE = WhenAndWhere()


def subject(db: Session, registration_id: UUID) -> SubjectState:
    """The registration's row, made when it is new; nobody else writes it meanwhile."""
    insert_new(db, SubjectState, registration_id=registration_id)
    state = locked(db, SubjectState, registration_id)
    if state is None:
        raise LookupError(f"registration {registration_id} vanished while it was locked")
    return state


def learn(db: Session, event: Event) -> SubjectState:
    """Keep what every event of a registration tells: its status, its link, when and where it is."""
    state = subject(db, event.data["registration_id"])
    if event.sequence > state.heard_sequence:
        state.heard_sequence, state.heard_status = event.sequence, event.data["status"]
    state.link_version = max(state.link_version, event.data["link_version"])
    session = event.data["session"]
    if session["calendar_sequence"] > state.calendar_sequence:
        state.calendar_sequence = session["calendar_sequence"]
        state.when_and_where = _when_and_where(session)
    return state


def learn_status(db: Session, event: Event) -> SubjectState | None:
    """Keep that this event brought the status, unless a newer one did.

    Of a registration that nothing was heard of before, most of them, in a single statement; then
    nothing is known but what the event says, and None is returned.
    """
    if insert_new(db, SubjectState, **_first_heard(event)):
        return None
    state = learn(db, event)
    if event.sequence > state.sequence:
        state.sequence, state.status = event.sequence, event.data["status"]
    return state


def _first_heard(event: Event) -> dict[str, Any]:
    data, session = event.data, event.data["session"]
    return {
        "registration_id": data["registration_id"],
        "sequence": event.sequence,
        "status": data["status"],
        "heard_sequence": event.sequence,
        "heard_status": data["status"],
        "link_version": data["link_version"],
        "calendar_sequence": session["calendar_sequence"],
        "when_and_where": _when_and_where(session),
    }


def _when_and_where(session: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = _WHEN_AND_WHERE.dump(session)
    return kept | {"calendar_sequence": session["calendar_sequence"]}
