"""A session as pages show it: in the reader's language, without anything that is not public."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from babel.dates import format_date
from markupsafe import Markup

from services.catalog import words
from services.catalog.availability import Availability, availability
from services.catalog.models import WorkshopSession
from services.catalog.phrases import (
    fee_text,
    in_reader_language,
    place_text,
    seats_text,
    zone_text,
)
from services.documents.dates import Day, days_text, hours_text, schedule_text


@dataclass(frozen=True)
class SessionView:
    """What cards, the calendar and the session's page say; the names are those of the macros."""

    id: UUID
    href: str
    title: Markup
    date_text: str
    schedule: tuple[str, ...]
    zone_text: str
    weekday: str
    day: str
    month: str
    place_text: str
    language_text: str
    fee_text: str
    seats_text: str
    tone: str
    topic: str
    how: Availability
    days: Sequence[Day]

    def hours_on(self, day: date, language: str) -> str:
        """The hours of one of its days."""
        found = next(each for each in self.days if each.date == day)
        return hours_text(found.starts, found.ends, language)


def session_view(session: WorkshopSession, language: str, now: datetime) -> SessionView:
    """Put a session into words."""
    days = tuple(Day(day.date, day.starts, day.ends) for day in session.days)
    how = availability(session, now)
    return SessionView(
        id=session.id,
        href=f"/sessions/{session.id}",
        title=in_reader_language(session.workshop.words("title"), language),
        date_text=_capitalised(days_text((day.date for day in days), language)),
        schedule=tuple(map(_capitalised, schedule_text(days, language))),
        zone_text=zone_text(session, language),
        **_leaf(session.first_day, language),
        place_text=place_text(session),
        language_text=str(words.LANGUAGES.get(session.language, "")),
        fee_text=fee_text(session, language),
        seats_text=seats_text(how),
        tone=how.tone,
        topic=session.workshop.topic or session.workshop.series,
        how=how,
        days=days,
    )


def _leaf(day: date | None, language: str) -> dict[str, str]:
    """The parts of a tear-off calendar's leaf."""
    if day is None:
        return {"weekday": "", "day": "?", "month": ""}
    patterns = {"weekday": "EEE", "day": "d", "month": "MMM"}
    locale = f"{language}_CA"
    return {name: format_date(day, pattern, locale) for name, pattern in patterns.items()}


def _capitalised(text: str) -> str:
    """Dates stand on lines of their own here; French writes their first word small."""
    return text[:1].upper() + text[1:]
