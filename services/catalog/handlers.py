"""What the catalogue does when it hears of seats, of staff, and of what people ask for."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.catalog.models import SeatCount
from services.catalog.people import on_export_asked
from services.catalog.remembering import on_session_remembered
from services.chassis.erasing import on_erasure_asked
from services.chassis.inbox import Handlers
from services.chassis.sign_ins import on_staff_signed_out
from services.chassis.staff import on_staff_changed
from services.contracts import Event
from services.contracts.people import ERASURE_ASKED, EXPORT_ASKED
from services.contracts.restores import SESSION_REMEMBERED
from services.contracts.sessions import SEATS_CHANGED
from services.contracts.staff import STAFF_CHANGED, STAFF_CHANGED_V1, STAFF_SIGNED_OUT


def on_seats_changed(db: Session, event: Event, now: datetime) -> None:
    """Keep the newest count of a session's seats; an older one changes nothing."""
    facts = event.data
    row = db.get(SeatCount, facts["session_id"], with_for_update=True)
    if row is None:
        row = SeatCount(session_id=facts["session_id"], sequence=0)
        db.add(row)
    if event.sequence <= row.sequence:
        return
    row.capacity, row.held, row.waiting = facts["capacity"], facts["held"], facts["waiting"]
    row.sequence = event.sequence


HANDLERS: Handlers = {
    SEATS_CHANGED.type: on_seats_changed,
    STAFF_CHANGED_V1.type: on_staff_changed,
    SESSION_REMEMBERED.type: on_session_remembered,
    STAFF_CHANGED.type: on_staff_changed,
    STAFF_SIGNED_OUT.type: on_staff_signed_out,
    EXPORT_ASKED.type: on_export_asked,
    ERASURE_ASKED.type: on_erasure_asked,
}
