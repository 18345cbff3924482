"""Invitations, as a second library reads them."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from services.documents.calendar_file import CalendarEntry
from services.documents.dates import Day
from services.documents.invitation import Invitation, Party, cancel_file, request_file
from tests.unit.documents.calendars import Span, hours, occurrences, parsed
from tests.unit.documents.factories import NAMES_OF_THE_WORLD, NOW, an_entry

ZONES = ["America/Toronto", "America/Vancouver", "America/St_Johns"]


def an_invitation(language: str = "en", name: str = "Ann Lee", **but: object) -> Invitation:
    return Invitation(
        entry=an_entry(**but),
        organiser=Party("Lakeside Labour Council", "office@example.org"),
        attendee=Party(name, "ann.lee@example.org"),
        language=language,
    )


def shown(*days: Day, zone: str = "America/Toronto") -> list[Span]:
    return occurrences(parsed(request_file(an_invitation(days=days, zone=zone), stamp=NOW)))


def full_day(day: date) -> Day:
    return Day(day, time(9), time(16))


def run_of(first: date, count: int = 3) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)])
def test_blocks_around_a_clock_change_keep_their_hours(zone: str, change: date) -> None:
    days = run_of(change - timedelta(days=1))

    assert shown(*map(full_day, days), zone=zone) == [hours(day, zone, 9, 7) for day in days]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_night_on_which_the_clocks_change_ends_by_the_new_time(zone: str, change: date) -> None:
    evening = change - timedelta(days=1)

    assert shown(Day(evening, time(22), time(6)), zone=zone) == [hours(evening, zone, 22, 8)]


def test_days_need_not_follow_each_other_nor_have_the_same_hours() -> None:
    days = (
        Day(date(2026, 3, 20), time(13), time(20)),
        full_day(date(2026, 3, 6)),
        Day(date(2026, 4, 3), time(22), time(1)),
    )

    assert shown(*days) == [
        hours(date(2026, 3, 6), "America/Toronto", 9, 7),
        hours(date(2026, 3, 20), "America/Toronto", 13, 7),
        hours(date(2026, 4, 3), "America/Toronto", 22, 3),
    ]


@pytest.mark.parametrize("unknown", [0, 1])
def test_a_day_whose_hours_are_to_be_announced_is_a_whole_day(unknown: int) -> None:
    dates = run_of(date(2026, 3, 7), 2)
    days = [Day(day) if number == unknown else full_day(day) for number, day in enumerate(dates)]
    expected = [
        (day, day + timedelta(days=1)) if number == unknown else hours(day, ZONES[0], 9, 7)
        for number, day in enumerate(dates)
    ]

    assert shown(*days) == expected


def test_all_days_may_be_without_hours() -> None:
    dates = run_of(date(2026, 12, 30))

    assert shown(*map(Day, dates)) == [(day, day + timedelta(days=1)) for day in dates]


def test_all_its_events_are_one_object_of_one_name() -> None:
    calendar = parsed(request_file(an_invitation(), stamp=NOW))

    assert calendar.method.value == "REQUEST"
    assert {each.uid.value for each in calendar.vevent_list} == {"4f1c@turnout.example.org"}
    assert [hasattr(each, "recurrence_id") for each in calendar.vevent_list] == [False, True]


def test_a_change_has_the_same_name_and_a_higher_sequence_and_a_day_taken_away_is_gone() -> None:
    before = an_invitation(sequence=3)
    changed = replace(before.entry, sequence=4, days=(full_day(date(2026, 5, 2)),))
    after = replace(before, entry=changed)
    old, new = (parsed(request_file(each, stamp=NOW)) for each in (before, after))

    assert old.vevent.uid.value == new.vevent.uid.value
    assert (old.vevent.sequence.value, new.vevent.sequence.value) == ("3", "4")
    assert len(occurrences(old)) == 2
    assert occurrences(new) == [hours(date(2026, 5, 2), ZONES[0], 9, 7)]


def test_a_cancellation_takes_the_whole_object_back_with_a_sequence_above_the_last() -> None:
    calendar = parsed(cancel_file(an_invitation(sequence=3), stamp=NOW))
    (event,) = calendar.vevent_list

    assert calendar.method.value == "CANCEL"
    assert (event.uid.value, event.sequence.value) == ("4f1c@turnout.example.org", "4")
    assert event.status.value == "CANCELLED"
    assert not hasattr(event, "recurrence_id")
    assert not hasattr(event, "valarm")


def test_each_of_many_gets_their_own_name_id_and_moment_in_every_event() -> None:
    title = "DTSTAMP:19700101T000000Z UID:blank ATTENDEE:mailto:blank"
    first = an_invitation(title=title)
    second = replace(
        first,
        entry=replace(first.entry, uid=f"{'u' * 80}@turnout.example.org"),
        attendee=Party("Zoé " * 20, "zoe@example.org"),
    )
    for each, moment in ((first, NOW), (second, NOW + timedelta(hours=1)), (first, NOW)):
        for event in parsed(request_file(each, stamp=moment)).vevent_list:
            assert event.uid.value == each.entry.uid
            assert event.dtstamp.value == moment
            assert event.attendee.value == f"mailto:{each.attendee.address}"
            assert event.attendee.params["CN"] == [each.attendee.name.strip()]
            assert event.summary.value == title


def test_it_says_who_invites_whom_and_asks_for_no_answer() -> None:
    event = parsed(request_file(an_invitation(), stamp=NOW)).vevent

    assert event.organizer.value == "mailto:office@example.org"
    assert event.organizer.params["CN"] == ["Lakeside Labour Council"]
    assert event.attendee.value == "mailto:ann.lee@example.org"
    assert {name: values[0] for name, values in event.attendee.params.items()} == {
        "CN": "Ann Lee",
        "CUTYPE": "INDIVIDUAL",
        "PARTSTAT": "ACCEPTED",
        "ROLE": "REQ-PARTICIPANT",
        "RSVP": "FALSE",
    }


def test_it_says_what_where_and_since_when() -> None:
    event = parsed(request_file(an_invitation(), stamp=NOW)).vevent

    assert event.summary.value == "Steward training; level 1, part A"
    assert event.location.value == "Lakeside Community Hall, Thunder Bay"
    assert event.url.value == "https://turnout.example.org/sessions/4f1c"
    assert event.status.value == "CONFIRMED"
    assert event.dtstamp.value == NOW


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Tomorrow: Griefs"), ("fr", "Demain\u00a0: Griefs")]
)
def test_a_reminder_comes_a_day_before_in_the_reader_s_language(language: str, words: str) -> None:
    first, second = parsed(
        request_file(an_invitation(language, title="Griefs"), stamp=NOW)
    ).vevent_list

    assert first.valarm.description.value == words
    assert first.valarm.action.value == "DISPLAY"
    assert first.valarm.trigger.value == timedelta(days=-1)
    assert not hasattr(second, "valarm"), "nobody needs a word while they sit in the workshop"


def test_the_reminder_of_a_whole_day_comes_in_the_morning_before() -> None:
    calendar = parsed(request_file(an_invitation(days=(Day(date(2026, 3, 10)),)), stamp=NOW))

    assert calendar.vevent.valarm.trigger.value == timedelta(hours=-15)


def test_days_apart_each_have_their_reminder() -> None:
    days = tuple(full_day(date(2026, 3, day)) for day in (3, 10, 11))
    events = parsed(request_file(an_invitation(days=days), stamp=NOW)).vevent_list

    assert [hasattr(each, "valarm") for each in events] == [True, True, False]


def test_the_zone_is_described_in_the_file() -> None:
    calendar = parsed(request_file(an_invitation(zone="America/St_Johns"), stamp=NOW))

    assert calendar.vtimezone.tzid.value == "America/St_Johns"
    assert calendar.vevent.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["America/St_Johns"]


@pytest.mark.parametrize("name", [each for each in NAMES_OF_THE_WORLD if '"' not in each])
def test_names_and_titles_of_the_world_come_back_from_lines_of_75_octets(name: str) -> None:
    long = f"Réunion générale annuelle des déléguées et délégués, {name}"
    content = request_file(an_invitation(name=name, title=long), stamp=NOW)
    event = parsed(content).vevent

    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert event.summary.value == long
    assert event.attendee.params["CN"] == [" ".join(name.split())]


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\x00\r\n", "\u2028", '"\r\n'])
def test_no_name_and_no_title_can_add_a_property(breaks: str) -> None:
    hostile = f"x{breaks}ATTACH:https://example.org{breaks}END:VEVENT"
    content = request_file(an_invitation(name=hostile, title=hostile), stamp=NOW)

    assert not [line for line in content.splitlines() if line.startswith(b"ATTACH")]
    assert len(parsed(content).vevent_list) == 2


def test_without_a_zone_the_stamp_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        request_file(an_invitation(), stamp=NOW.replace(tzinfo=None))


def test_without_days_there_is_nothing_to_invite_to() -> None:
    entry = CalendarEntry(uid="x", sequence=0, title="x", days=(), zone=ZONES[0])
    with pytest.raises(ValueError, match="at least one day"):
        cancel_file(replace(an_invitation(), entry=entry), stamp=NOW)
