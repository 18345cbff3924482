"""Which sessions a staff member may see: facilitators their own, the others all."""

from uuid import UUID

from flask import abort
from sqlalchemy.orm import Session

from services.chassis.staff import FACILITATOR, StaffMember, staff_member
from services.registration.models import WorkshopSession
from services.registration.queries import is_facilitator


def may_see(member: StaffMember, session: WorkshopSession) -> bool:
    """Whether a staff member has business with a session."""
    return member.role != FACILITATOR or is_facilitator(session, member.email)


def seen_session(db: Session, session_id: UUID) -> WorkshopSession:
    """The session, for the signed-in staff member; 404 when unknown, 403 when not theirs."""
    session = db.get(WorkshopSession, session_id)
    if session is None:
        abort(404)
    if not may_see(staff_member(), session):
        abort(403)
    return session
