"""The facts that a mail is written from: how long they are needed, and what of them is nobody's."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.notify.kinds import ROSTER

_ABOUT_NOBODY = (
    *("registration_id", "previous_registration_id", "link_version", "status"),
    *("is_test", "size"),
)
"""What the log, the invitations and the reports still ask for when all else is forgotten."""


def needed_until(kind: str, context: dict[str, Any], created_at: datetime) -> datetime:
    """Until when a mail may have to be written anew: the last day of the session it is about.

    A roster, which has everybody's telephone in it, is made anew rather than sent again.
    """
    session = context.get("session")
    if kind == ROSTER or not session:
        return created_at
    return max(created_at, last_day(session) or created_at)


def last_day(when_and_where: dict[str, Any]) -> datetime | None:
    """The end of a session's last day, from the JSON form; None when it is not known."""
    days = when_and_where.get("days")
    if not days:
        return None
    last = max(date.fromisoformat(day["date"]) for day in days)
    midnight = datetime.combine(last + timedelta(days=1), time(0), ZoneInfo(when_and_where["zone"]))
    return midnight.astimezone(UTC)


def without_people(context: dict[str, Any]) -> dict[str, Any]:
    """What is about nobody: of the session its title, for the mail log."""
    kept = {name: context[name] for name in _ABOUT_NOBODY if name in context}
    session = context.get("session")
    return kept | ({"session": {"title": session["title"]}} if session else {})
