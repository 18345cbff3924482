"""What the catalogue says of a session to the other services."""

from typing import Any

from services.catalog.models import WorkshopSession
from services.catalog.schedule import closing_of, day_values

WHEN_AND_WHERE = ("days", "zone", "online", "place", "room", "join_link")
"""What a member has to learn of when it changes, and what a calendar entry shows."""


def session_facts(session: WorkshopSession, *, actor: str = "", reason: str = "") -> dict[str, Any]:
    """The data of `session.published`, `.changed` and `.cancelled`."""
    workshop, venue = session.workshop, session.venue
    words = {name: workshop.words(name) for name in ("title", "bring", "prerequisites")}
    return {
        **words,
        "session_id": session.id,
        "workshop_id": workshop.id,
        "status": session.status,
        "days": day_values(session),
        "zone": session.zone,
        "online": bool(session.online),
        "place": session.place,
        "room": session.room,
        "join_link": session.join_link,
        "language": session.language,
        "area": session.area,
        "province": venue.province if venue else "",
        "capacity": session.capacity,
        "fee_affiliate_cents": session.fee_affiliate_cents,
        "fee_other_cents": session.fee_other_cents,
        "closes_at": closing_of(session),
        "auto_promote": session.auto_promote,
        "facilitators": session.facilitators,
        "host": session.host,
        "calendar_sequence": session.calendar_sequence,
        "actor": actor,
        "reason": reason,
    }
