"""Calendar files read by a second library, which shares no code with the one that writes them."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import vobject
from vobject.base import Component
from vobject.icalendar import registerTzid

Span = tuple[datetime | date, datetime | date]


def parsed(content: bytes) -> Component:
    """The calendar object; the library knows zones only by what this file says of them."""
    for zone in re.findall(r"\nTZID:(\S+)", content.decode()):
        registerTzid(zone, None)
    (calendar,) = vobject.readComponents(content.decode())
    calendar.validate()
    return calendar


def methods_and_sequences(calendar: Component) -> tuple[str, set[str]]:
    return calendar.method.value, {each.sequence.value for each in calendar.vevent_list}


def occurrences(calendar: Component) -> list[Span]:
    """All that a program shows for the object: whole days as dates, hours in UTC.

    As RFC 5545 has it: the first event and its RDATEs make the set, and an event with a
    RECURRENCE-ID stands in the place of the occurrence that it names.
    """
    master, *others = sorted(calendar.vevent_list, key=lambda each: hasattr(each, "recurrence_id"))
    dates = [each for line in getattr(master, "rdate_list", []) for each in line.value]
    shown = {_moment(master.dtstart.value): _span(master)}
    shown |= {_moment(each): (_moment(each), _moment(each)) for each in dates}
    for each in others:
        assert each.uid.value == master.uid.value
        anchor = _moment(each.recurrence_id.value)
        assert anchor in shown, "an event that names no occurrence of the set"
        shown[anchor] = _span(each)
    return sorted(shown.values(), key=lambda span: span[0].isoformat())


def _span(event: Component) -> Span:
    starts = event.dtstart.value
    return _moment(starts), _moment(event.dtend.value if hasattr(event, "dtend") else starts)


def _moment(value: datetime | date) -> datetime | date:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def hours(day: date, zone: str, begins: int, lasts: int) -> Span:
    """A block as the clock on the wall has it, in UTC, by the system's own zone data."""
    start = datetime(day.year, day.month, day.day, begins, tzinfo=ZoneInfo(zone))
    end = (start.replace(tzinfo=None) + timedelta(hours=lasts)).replace(tzinfo=ZoneInfo(zone))
    return start.astimezone(UTC), end.astimezone(UTC)
