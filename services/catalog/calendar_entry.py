"""A session as an entry of anybody's calendar: without the link to join."""

from datetime import datetime
from urllib.parse import urlsplit

from services.catalog.models import CANCELLED, WorkshopSession
from services.catalog.phrases import place_text
from services.chassis.i18n import say
from services.documents.calendar_file import CalendarEntry, calendar_file
from services.documents.dates import Day


def session_calendar(
    session: WorkshopSession, *, base_url: str, language: str, now: datetime
) -> bytes:
    """The iCalendar file of one session."""
    return calendar_file(session_entry(session, base_url=base_url, language=language), stamp=now)


def session_entry(session: WorkshopSession, *, base_url: str, language: str) -> CalendarEntry:
    """The entry; it is the same event in both languages and after each change."""
    address = f"{base_url}/sessions/{session.id}"
    return CalendarEntry(
        uid=f"{session.id}@{urlsplit(base_url).hostname}",
        sequence=session.calendar_sequence,
        title=say(session.workshop.words("title"), language)[0],
        days=tuple(Day(day.date, day.starts, day.ends) for day in session.days),
        zone=session.zone,
        description=f"{say(session.workshop.words('bring'), language)[0]}\n\n{address}".strip(),
        location=place_text(session),
        url=address,
        cancelled=session.status == CANCELLED,
    )
