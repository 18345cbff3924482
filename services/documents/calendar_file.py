"""The calendar file of a workshop: one event for each of its days, in the workshop's own zone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone
from icalendar.enums import STATUS

from services.documents.dates import Day
from services.documents.printable import one_line, printable

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

_PRODUCT = "-//Turnout//Workshop registration//EN"
_YEAR = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One workshop as one person keeps it; `sequence` grows with each change of time or place.

    `uid` is the same for the life of the entry and may end in `@` and a host name.
    """

    uid: str
    sequence: int
    title: str
    days: tuple[Day, ...]
    zone: str
    description: str = ""
    location: str = ""
    url: str = ""
    cancelled: bool = False


def calendar_file(entry: CalendarEntry, *, stamp: datetime) -> bytes:
    """A file for everybody (RFC 5545, METHOD:PUBLISH), stamped with an aware moment.

    Raise ValueError for a stamp without a zone or an entry without days.
    """
    return finished(calendar_object("PUBLISH"), published_events(entry, stamp))


def published_events(entry: CalendarEntry, stamp: datetime) -> Iterator[Event]:
    """An event of its own for each day, which every calendar program understands.

    A day is named by its number, so that one moved to another date stays the same event.
    """
    status = STATUS.CANCELLED if entry.cancelled else STATUS.CONFIRMED
    name, at, host = one_line(entry.uid).partition("@")
    for number, day in enumerate(days_in_order(entry), start=1):
        yield block(entry, day, uid=f"{name}-day-{number}{at}{host}", stamp=stamp, status=status)


def calendar_object(method: Method) -> Calendar:
    """An iCalendar object without components yet."""
    calendar = Calendar()
    for name, value in {"prodid": _PRODUCT, "version": "2.0", "method": method}.items():
        calendar.add(name, value)
    return calendar


def finished(calendar: Calendar, events: Iterable[Event]) -> bytes:
    """The object with its events, and before them the zones that they name, described."""
    for event in events:
        calendar.add_component(event)
    starts = [event.start for event in calendar.events]
    dates = [each.date() if isinstance(each, datetime) else each for each in starts]
    head, begin, rest = bytes(calendar.to_ical()).partition(b"BEGIN:VEVENT")
    names = sorted(calendar.get_missing_tzids())
    zones = [_zone(name, min(dates), max(dates)) for name in names]
    return b"".join([head, *zones, begin, rest])


@lru_cache(maxsize=64)
def _zone(name: str, first: date, last: date) -> bytes:
    """A zone as it is between two days; to find its changes takes longer than all the rest.

    One year more on both sides holds the last change before and the first change after.
    """
    zone = Timezone.from_tzid(name, first_date=first - _YEAR, last_date=last + _YEAR)
    return bytes(zone.to_ical())


def days_in_order(entry: CalendarEntry) -> Sequence[Day]:
    """Its days by date; ValueError when it has none."""
    if not entry.days:
        raise ValueError("a calendar file needs at least one day")
    return sorted(entry.days, key=lambda day: day.date)


def block(
    entry: CalendarEntry, day: Day, *, uid: str, stamp: datetime, status: STATUS, later: int = 0
) -> Event:
    """The event of one day; `later` is added to the entry's sequence."""
    event = Event.new(
        uid=uid,
        stamp=aware(stamp),
        sequence=entry.sequence + later,
        summary=_as_written(one_line(entry.title)),
        status=status,
    )
    _add_times(event, day, ZoneInfo(entry.zone))
    _add_particulars(event, entry)
    return event


def aware(stamp: datetime) -> datetime:
    """The stamp; ValueError for one without a zone."""
    if stamp.tzinfo is None:
        raise ValueError("a calendar file must be stamped with an aware moment")
    return stamp


def _add_times(event: Event, day: Day, zone: ZoneInfo) -> None:
    """Give the event its hours, or the whole day while its start is to be announced."""
    if day.starts is None:
        event.start, event.end = day.date, day.date + timedelta(days=1)
        return
    event.start = datetime.combine(day.date, day.starts, zone)
    if day.ends is not None:
        after_midnight = timedelta(days=day.ends < day.starts)
        event.end = datetime.combine(day.date + after_midnight, day.ends, zone)


def _add_particulars(event: Event, entry: CalendarEntry) -> None:
    """Add what is known; an empty property would blank what a calendar shows."""
    if entry.location:
        event.location = _as_written(one_line(entry.location))
    if entry.description:
        event.description = _as_written(printable(entry.description))
    if entry.url:
        event.url = one_line(entry.url)


def _as_written(text: str) -> str:
    r"""Keep a typed `\N` from becoming a line end, as the library takes it for one already."""
    return text.replace("\\N", "\\\N{WORD JOINER}N")
