"""The calendar file."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from icalendar import Calendar, Event

from services.documents.calendar_file import CalendarEntry, calendar_file
from services.documents.dates import Day
from tests.unit.documents.factories import NAMES_OF_THE_WORLD, NOW, an_entry


def read(entry: CalendarEntry) -> Calendar:
    calendar = Calendar.from_ical(calendar_file(entry, stamp=NOW))
    assert isinstance(calendar, Calendar)
    return calendar


def events(entry: CalendarEntry) -> list[Event]:
    return list(read(entry).events)


def one_day(day: str, starts: time | None = time(9), ends: time | None = time(16)) -> CalendarEntry:
    return an_entry(days=(Day(date.fromisoformat(day), starts, ends),))


def test_each_day_is_an_event_with_its_own_hours() -> None:
    first, second = events(an_entry())

    assert first.start.isoformat() == "2026-02-28T09:00:00-05:00"
    assert first.end.isoformat() == "2026-02-28T16:00:00-05:00"
    assert second.start.isoformat() == "2026-03-01T09:00:00-05:00"


def test_an_event_carries_what_a_person_needs() -> None:
    event = events(an_entry(sequence=3))[0]

    assert str(event["SUMMARY"]) == "Steward training; level 1, part A"
    assert str(event["LOCATION"]) == "Lakeside Community Hall, Thunder Bay"
    assert str(event["DESCRIPTION"]) == "Bring:\nyour collective agreement"
    assert str(event["URL"]) == "https://turnout.example.org/sessions/4f1c"
    assert str(event["STATUS"]) == "CONFIRMED"
    assert event["SEQUENCE"] == 3
    assert event.stamp == NOW


def test_what_is_not_known_is_left_out() -> None:
    event = events(an_entry(description="", location="", url=""))[0]

    assert not {"DESCRIPTION", "LOCATION", "URL", "ORGANIZER", "ATTENDEE"} & set(event)


def test_a_day_keeps_its_uid_when_it_moves_to_another_date() -> None:
    before = events(one_day("2026-03-10"))
    after = events(one_day("2026-04-21"))

    assert before[0].uid == after[0].uid == "4f1c-day-1@turnout.example.org"


def test_days_are_numbered_in_order_of_date_whatever_order_they_come_in() -> None:
    entry = an_entry()
    backwards = an_entry(days=tuple(reversed(entry.days)))

    assert [event.uid for event in events(entry)] == [
        "4f1c-day-1@turnout.example.org",
        "4f1c-day-2@turnout.example.org",
    ]
    assert calendar_file(backwards, stamp=NOW) == calendar_file(entry, stamp=NOW)


def test_a_uid_without_a_host_is_numbered_at_its_end() -> None:
    assert events(an_entry(uid="4f1c"))[0].uid == "4f1c-day-1"


@pytest.mark.parametrize(
    ("day", "starts", "offset"),
    [
        ("2026-03-07", time(9), -5),
        ("2026-03-08", time(1, 30), -5),
        ("2026-03-08", time(9), -4),
        ("2026-10-31", time(9), -4),
        ("2026-11-01", time(9), -5),
        ("2026-12-31", time(9), -5),
        ("2027-01-01", time(9), -5),
    ],
)
def test_the_offset_is_right_on_both_sides_of_a_clock_change(
    day: str, starts: time, offset: int
) -> None:
    event = events(one_day(day, starts))[0]

    assert event.start.utcoffset() == timedelta(hours=offset)
    assert event["DTSTART"].params["TZID"] == "America/Toronto"


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01", "2026-12-31"])
@pytest.mark.parametrize("zone", ["America/Toronto", "America/St_Johns", "America/Regina"])
def test_the_file_itself_describes_its_zone(day: str, zone: str) -> None:
    entry = an_entry(zone=zone, days=(Day(date.fromisoformat(day), time(9), time(16)),))
    calendar = read(entry)
    described = calendar.timezones[0].to_tz()
    event = calendar.events[0]

    assert calendar.timezones[0].tz_name == zone
    by_description = event.start.replace(tzinfo=described).astimezone(UTC)
    assert by_description == event.start.astimezone(UTC)


def test_a_zone_is_described_before_it_is_used_and_only_once() -> None:
    text = calendar_file(an_entry(), stamp=NOW).decode()

    assert text.count("BEGIN:VTIMEZONE") == 1
    assert text.index("BEGIN:VTIMEZONE") < text.index("BEGIN:VEVENT")


def test_days_over_the_turn_of_the_year_keep_their_dates() -> None:
    days = (
        Day(date(2026, 12, 31), time(9), time(16)),
        Day(date(2027, 1, 1), time(9), time(16)),
    )

    assert [event.start.date() for event in events(an_entry(days=days))] == [
        date(2026, 12, 31),
        date(2027, 1, 1),
    ]


def test_a_day_whose_times_are_to_be_announced_is_a_whole_day() -> None:
    event = events(one_day("2026-12-31", None, None))[0]

    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event.start == date(2026, 12, 31)
    assert event.end == date(2027, 1, 1)


def test_a_day_of_which_only_the_end_is_known_is_a_whole_day() -> None:
    assert events(one_day("2026-03-10", None, time(16)))[0].start == date(2026, 3, 10)


def test_a_day_of_which_only_the_start_is_known_has_no_end() -> None:
    event = events(one_day("2026-03-10", time(9), None))[0]

    assert event.start.hour == 9
    assert "DTEND" not in event


def test_hours_past_midnight_end_on_the_next_day() -> None:
    event = events(one_day("2026-03-10", time(22), time(2)))[0]

    assert event.end - event.start == timedelta(hours=4)


def test_the_file_is_published_for_everybody_and_names_nobody() -> None:
    calendar = read(an_entry())

    assert str(calendar["METHOD"]) == "PUBLISH"
    assert not {"ORGANIZER", "ATTENDEE"} & set(calendar.events[0])


def test_a_cancelled_entry_says_so_under_the_same_names() -> None:
    cancelled = events(an_entry(cancelled=True))

    assert {str(event["STATUS"]) for event in cancelled} == {"CANCELLED"}
    assert [event.uid for event in cancelled] == [event.uid for event in events(an_entry())]


def test_an_entry_without_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        calendar_file(an_entry(days=()), stamp=NOW)


def test_a_stamp_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        calendar_file(an_entry(), stamp=NOW.replace(tzinfo=None))


def test_a_stamp_is_written_in_utc_whatever_its_zone() -> None:
    stamp = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=-5)))

    assert b"DTSTAMP:20260301T140000Z" in calendar_file(an_entry(), stamp=stamp)


@pytest.mark.parametrize("text", [*NAMES_OF_THE_WORLD, "comma, semicolon; backslash \\ é" * 20])
def test_texts_come_back_as_they_were_given(text: str) -> None:
    event = events(an_entry(title=text, description=text, location=text))[0]

    assert [str(event[name]) for name in ("SUMMARY", "DESCRIPTION", "LOCATION")] == [text] * 3


@pytest.mark.parametrize("field", ["title", "description", "location", "url", "uid"])
@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x00\r\n", "\u2028"])
def test_no_text_can_add_a_property_of_its_own(field: str, breaks: str) -> None:
    entry = an_entry(**{field: f"x{breaks}ATTACH:https://example.org{breaks}END:VEVENT"})

    assert all("ATTACH" not in event for event in events(entry))
    assert len(events(entry)) == 2


def test_lines_are_folded_at_75_octets_and_end_with_crlf() -> None:
    lines = calendar_file(an_entry(title="é" * 300), stamp=NOW).split(b"\r\n")

    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_the_same_entry_and_stamp_give_the_same_bytes() -> None:
    files = {calendar_file(an_entry(), stamp=NOW) for _ in range(3)}

    assert len(files) == 1
