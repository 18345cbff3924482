"""What registration does when a database, its own or another's, was set back."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.outbox import publish
from services.chassis.staff import StaffMember
from services.contracts import Event
from services.contracts.restores import SESSION_REMEMBERED
from services.registration.models import Registration, WorkshopSession
from services.registration.seats import announce_seats
from services.registration.sign_ins import end_all_sign_ins
from services.registration.tasks import LOST_IN_RESTORE, open_task
from services.registration.telling import facts_of


def after_restore(db: Session, restored: str, now: datetime) -> None:
    """Say again what is ours to say; remind the catalogue of what it had told us.

    Which sign-ins were ended since the backup is lost with it: all staff sign in again.
    """
    if restored == "registration":
        for session in _sessions(db):
            announce_seats(db, session, now)
        for member in db.scalars(sa.select(StaffMember)):
            end_all_sign_ins(db, member, now)
    elif restored == "catalog":
        for session in _sessions(db):
            data = facts_of(session) | {"told_sequence": session.sequence}
            publish(db, SESSION_REMEMBERED, subject=session.id, data=data, now=now)


def on_registration_remembered(db: Session, event: Event, now: datetime) -> None:
    """Let staff see to somebody who was told what we, set back, know nothing of."""
    facts = event.data
    registration = db.get(Registration, facts["registration_id"])
    if registration is not None and registration.state == facts["status"]:
        return
    session = db.get(WorkshopSession, facts["session_id"])
    person = facts["recipient"]
    open_task(
        db,
        LOST_IN_RESTORE,
        session_id=session.id if session else None,
        registration_id=registration.id if registration else None,
        about=f"{person['name']} <{person['email']}>",
        words=facts["status"],
        since=facts["told_at"],
    )


def _sessions(db: Session) -> list[WorkshopSession]:
    return list(db.scalars(sa.select(WorkshopSession).order_by(WorkshopSession.id)))
