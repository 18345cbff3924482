"""Whether one can still sign up for a session, and how many seats are left."""

from dataclasses import dataclass
from datetime import datetime

from services.catalog.models import CANCELLED, WorkshopSession
from services.catalog.schedule import closing_of, is_past

OPEN, WAITLIST, CLOSED, PAST = "open", "waitlist", "closed", "past"


@dataclass(frozen=True)
class Availability:
    """`state` is open, waitlist, closed, past or cancelled; `left` counts the free seats."""

    state: str
    left: int

    @property
    def can_sign_up(self) -> bool:
        """Whether the sign-up form takes people, for a seat or for the waiting list."""
        return self.state in (OPEN, WAITLIST)

    @property
    def tone(self) -> str:
        """Its colour in the calendar."""
        return self.state if self.can_sign_up else CLOSED


def availability(session: WorkshopSession, now: datetime) -> Availability:
    """How it stands by what registration last told; nobody passes those who wait already."""
    left, waiting = _seats_left(session), session.seats.waiting if session.seats else 0
    closing = closing_of(session)
    if session.status == CANCELLED:
        return Availability(CANCELLED, 0)
    if is_past(session, now):
        return Availability(PAST, 0)
    if closing is not None and closing <= now:
        return Availability(CLOSED, left)
    return Availability(WAITLIST if waiting or not left else OPEN, 0 if waiting else left)


def _seats_left(session: WorkshopSession) -> int:
    held = session.seats.held if session.seats else 0
    return max(0, (session.capacity or 0) - held)
