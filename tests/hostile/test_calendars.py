"""Days on which clocks change, leap days and the ends of years, in the calendar file."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from services.documents.calendar_file import calendar_file
from services.documents.dates import Day
from tests.hostile.corpora.dates import DAYLIGHT_SAVING_DAYS, HOURS, OTHER_DAYS, ZONES
from tests.hostile.corpora.everything import as_kept, as_read, some
from tests.hostile.effort import LONG, report
from tests.unit.documents.calendars import parsed
from tests.unit.documents.factories import an_entry

STAMP = datetime(2026, 2, 1, tzinfo=UTC)


def test_each_day_begins_and_ends_when_the_clock_on_the_wall_says() -> None:
    zones = ZONES if LONG else ZONES[:1]
    for zone in zones:
        for day in (*DAYLIGHT_SAVING_DAYS, *OTHER_DAYS):
            entry = an_entry(days=tuple(Day(day, *hours) for hours in HOURS), zone=zone)
            calendar = parsed(calendar_file(entry, stamp=STAMP))
            shown = sorted(
                (in_utc(event.dtstart.value), in_utc(event.dtend.value))
                for event in calendar.vevent_list
            )
            assert shown == sorted(on_the_wall(day, hours, zone) for hours in HOURS), (zone, day)
    report("days in calendar files", len(zones) * len(HOURS) * 20)


def on_the_wall(day: date, hours: tuple[time, time], zone: str) -> tuple[datetime, datetime]:
    starts, ends = (datetime.combine(day, hour, ZoneInfo(zone)) for hour in hours)
    return in_utc(starts), in_utc(ends)


def in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def test_each_text_is_one_property_of_one_event() -> None:
    tried = [text for text in some(one_in=23) if text.isprintable() and text.strip()]
    for text in tried:
        entry = an_entry(title=text, description=text, location=text)
        calendar = parsed(calendar_file(entry, stamp=STAMP))
        assert len(calendar.vevent_list) == len(entry.days), text
        for event in calendar.vevent_list:
            assert as_read(as_kept(event.summary.value)) == as_read(as_kept(text)), text
            assert as_read(as_kept(event.location.value)) == as_read(as_kept(text)), text
            assert not hasattr(event, "attendee"), text
    report("texts in calendar files", len(tried))
