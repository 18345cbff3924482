"""A session's days: when sign-up closes by default, what is past, and how days are replaced."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.catalog.models import SessionDay, WorkshopSession

DEFAULT_ZONE = "America/Toronto"
ASSUMED_START = time(9)
"""Sign-up closes then on the first day, while its start is still to be announced."""

ZONES = (
    "America/St_Johns",
    "America/Goose_Bay",
    "America/Halifax",
    "America/Moncton",
    "America/Toronto",
    "America/Iqaluit",
    "America/Winnipeg",
    "America/Regina",
    "America/Edmonton",
    "America/Dawson_Creek",
    "America/Fort_Nelson",
    "America/Vancouver",
    "America/Whitehorse",
)
"""The zones of Canada, from east to west."""


def closing_of(session: WorkshopSession) -> datetime | None:
    """When sign-up closes: as staff set it, else when the first day starts; None without days."""
    if session.closes_at or not session.days:
        return session.closes_at
    first = session.days[0]
    start = datetime.combine(first.date, first.starts or ASSUMED_START, ZoneInfo(session.zone))
    return start.astimezone(UTC)


def today_in(zone: str, now: datetime) -> date:
    """The present day on the clocks of a zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def is_past(session: WorkshopSession, now: datetime) -> bool:
    """Whether its last day is over, by the clocks where it is held."""
    return session.last_day is not None and session.last_day < today_in(session.zone, now)


def next_calendar_sequence(session: WorkshopSession, now: datetime) -> int:
    """The number of a change for people's calendars: the minute, or one more than the last.

    So a catalogue that was restored to an earlier moment does not count again what calendars
    have seen. It fits the 32 bits that iCalendar has for it.
    """
    return max(session.calendar_sequence + 1, int(now.timestamp()) // 60)


def replace_days(session: WorkshopSession, days: Sequence[dict[str, Any]]) -> None:
    """Give a session these days, each a dict of `date`, `starts` and `ends`."""
    kept = {day.date: day for day in session.days}
    ordered = sorted(days, key=lambda day: day["date"])
    session.days = [kept.get(day["date"]) or SessionDay(date=day["date"]) for day in ordered]
    for row, day in zip(session.days, ordered, strict=True):
        row.starts, row.ends = day.get("starts"), day.get("ends")
    session.first_day = session.days[0].date if session.days else None
    session.last_day = session.days[-1].date if session.days else None


def day_values(session: WorkshopSession) -> list[dict[str, Any]]:
    """The days as commands, events and documents take them."""
    return [{"date": day.date, "starts": day.starts, "ends": day.ends} for day in session.days]


def days_on(dates: Sequence[date], session: WorkshopSession) -> list[dict[str, Any]]:
    """Other dates for a session; hours that all its days share, or a day that stays, are kept."""
    known = {day.date: (day.starts, day.ends) for day in session.days}
    shared = next(iter(known.values())) if len(set(known.values())) == 1 else (None, None)
    hours = [known.get(each, shared) for each in dates]
    return [
        {"date": each, "starts": starts, "ends": ends}
        for each, (starts, ends) in zip(dates, hours, strict=True)
    ]


def days_from(first_day: date, session: WorkshopSession) -> list[dict[str, Any]]:
    """The same days and hours, beginning on another date."""
    shift = first_day - session.days[0].date if session.days else timedelta()
    moved = [{**day, "date": day["date"] + shift} for day in day_values(session)]
    return moved or [{"date": first_day, "starts": None, "ends": None}]
