"""The calendar file of a workshop: one event for each of its days, in the workshop's own zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress
from icalendar.enums import STATUS

from services.documents.dates import Day
from services.documents.printable import one_line, printable

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

_PRODUCT = "-//Turnout//Workshop registration//EN"


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
    organiser: str = ""
    attendee: str = ""


def calendar_file(entry: CalendarEntry, *, method: Method, stamp: datetime) -> bytes:
    """Write iCalendar (RFC 5545, with the method of RFC 5546), stamped with an aware moment.

    Raise ValueError for a stamp without a zone, an entry without days, or a request that lacks
    the organiser and attendee which RFC 5546 demands.
    """
    _refuse_the_impossible(entry, method, stamp)
    calendar = Calendar()
    for name, value in {"prodid": _PRODUCT, "version": "2.0", "method": method}.items():
        calendar.add(name, value)
    for event in _events(entry, method, stamp):
        calendar.add_component(event)
    # One year more on both sides holds the zone's last change before and first change after.
    dates = [day.date for day in entry.days]
    year = timedelta(days=366)
    calendar.add_missing_timezones(min(dates) - year, max(dates) + year)
    return bytes(calendar.to_ical())


def _refuse_the_impossible(entry: CalendarEntry, method: Method, stamp: datetime) -> None:
    if stamp.tzinfo is None:
        raise ValueError("a calendar file must be stamped with an aware moment")
    if not entry.days:
        raise ValueError("a calendar file needs at least one day")
    if method == "REQUEST" and not (entry.organiser and entry.attendee):
        raise ValueError("a calendar request needs an organiser and an attendee")


def _events(entry: CalendarEntry, method: Method, stamp: datetime) -> Iterator[Event]:
    for number, day in enumerate(sorted(entry.days, key=lambda day: day.date), start=1):
        event = Event.new(
            uid=_uid(entry.uid, number),
            stamp=stamp,
            sequence=entry.sequence,
            summary=one_line(entry.title),
            status=_status(entry, method),
        )
        _add_times(event, day, ZoneInfo(entry.zone))
        _add_particulars(event, entry)
        _add_people(event, entry, method)
        yield event


def _uid(base: str, number: int) -> str:
    """Name the first, second … day, so that a day moved to another date stays the same event."""
    name, at, host = one_line(base).partition("@")
    return f"{name}-day-{number}{at}{host}"


def _status(entry: CalendarEntry, method: Method) -> STATUS:
    return STATUS.CANCELLED if entry.cancelled or method == "CANCEL" else STATUS.CONFIRMED


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
        event.location = one_line(entry.location)
    if entry.description:
        event.description = printable(entry.description)
    if entry.url:
        event.url = one_line(entry.url)


def _add_people(event: Event, entry: CalendarEntry, method: Method) -> None:
    """Name the organiser; attendees are not allowed in what is merely published (RFC 5546)."""
    if entry.organiser:
        event.organizer = vCalAddress.new(one_line(entry.organiser))
    if entry.attendee and method != "PUBLISH":
        event.attendees = [vCalAddress.new(one_line(entry.attendee), rsvp=False)]
