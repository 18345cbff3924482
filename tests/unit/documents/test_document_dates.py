"""The wording of dates and times."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.documents.dates import (
    Day,
    day_text,
    days_text,
    hours_text,
    moment_text,
    month_text,
    schedule_text,
    short_day_text,
    time_text,
)


def dates(*texts: str) -> list[date]:
    return [date.fromisoformat(text) for text in texts]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_day_is_written_in_full_in_both_languages() -> None:
    assert day_text(date(2026, 2, 28), "en") == "Saturday 28 February 2026"
    assert day_text(date(2026, 2, 28), "fr") == "samedi 28 février 2026"


def test_the_first_of_a_month_is_an_ordinal_in_french_only() -> None:
    assert day_text(date(2026, 3, 1), "fr") == "dimanche 1er mars 2026"
    assert day_text(date(2026, 3, 1), "en") == "Sunday 1 March 2026"
    assert short_day_text(date(2026, 3, 1), "fr") == "dim. 1er mars"


def test_days_ending_in_one_are_not_all_firsts() -> None:
    assert day_text(date(2026, 3, 21), "fr") == "samedi 21 mars 2026"
    assert day_text(date(2026, 3, 31), "fr") == "mardi 31 mars 2026"
    assert day_text(date(2026, 3, 11), "fr") == "mercredi 11 mars 2026"


def test_a_short_day_fits_a_narrow_column() -> None:
    assert short_day_text(date(2026, 2, 28), "en") == "Sat 28 Feb"
    assert short_day_text(date(2026, 2, 28), "fr") == "sam. 28 févr."


def test_a_month_is_written_as_a_heading() -> None:
    assert month_text(date(2026, 8, 5), "en") == "August 2026"
    assert month_text(date(2026, 8, 1), "fr") == "août 2026"


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        ([], "", ""),
        (["2026-02-28"], "Saturday 28 February 2026", "samedi 28 février 2026"),
        (
            ["2026-02-28", "2026-03-01"],
            "Saturday 28 February to Sunday 1 March 2026",
            "du samedi 28 février au dimanche 1er mars 2026",
        ),
        (
            ["2026-03-10", "2026-03-11"],
            "Tuesday 10 to Wednesday 11 March 2026",
            "du mardi 10 au mercredi 11 mars 2026",
        ),
        (
            ["2026-03-10", "2026-03-11", "2026-03-12"],
            "Tuesday 10 to Thursday 12 March 2026",
            "du mardi 10 au jeudi 12 mars 2026",
        ),
        (
            ["2026-03-01", "2026-03-02"],
            "Sunday 1 to Monday 2 March 2026",
            "du dimanche 1er au lundi 2 mars 2026",
        ),
        (
            ["2026-12-31", "2027-01-01"],
            "Thursday 31 December 2026 to Friday 1 January 2027",
            "du jeudi 31 décembre 2026 au vendredi 1er janvier 2027",
        ),
        (
            ["2028-02-28", "2028-02-29", "2028-03-01"],
            "Monday 28 February to Wednesday 1 March 2028",
            "du lundi 28 février au mercredi 1er mars 2028",
        ),
    ],
)
def test_consecutive_days_become_a_range(days: list[str], english: str, french: str) -> None:
    assert days_text(dates(*days), "en") == english
    assert days_text(dates(*days), "fr") == french


@pytest.mark.parametrize(
    ("days", "english", "french"),
    [
        (
            ["2026-03-10", "2026-03-17"],
            "Tuesday 10 and Tuesday 17 March 2026",
            "mardi 10 et mardi 17 mars 2026",
        ),
        (
            ["2026-03-10", "2026-03-17", "2026-03-24"],
            "Tuesday 10, Tuesday 17 and Tuesday 24 March 2026",
            "mardi 10, mardi 17 et mardi 24 mars 2026",
        ),
        (
            ["2026-03-31", "2026-04-07"],
            "Tuesday 31 March and Tuesday 7 April 2026",
            "mardi 31 mars et mardi 7 avril 2026",
        ),
        (
            ["2026-12-15", "2027-01-12"],
            "Tuesday 15 December 2026 and Tuesday 12 January 2027",
            "mardi 15 décembre 2026 et mardi 12 janvier 2027",
        ),
        (
            ["2026-03-10", "2026-03-11", "2026-04-07"],
            "Tuesday 10 to Wednesday 11 March and Tuesday 7 April 2026",
            "du mardi 10 au mercredi 11 mars et le mardi 7 avril 2026",
        ),
        (
            ["2026-03-03", "2026-03-10", "2027-03-10"],
            "Tuesday 3, Tuesday 10 March 2026 and Wednesday 10 March 2027",
            "mardi 3, mardi 10 mars 2026 et mercredi 10 mars 2027",
        ),
    ],
)
def test_days_apart_become_a_list(days: list[str], english: str, french: str) -> None:
    assert days_text(dates(*days), "en") == english
    assert days_text(dates(*days), "fr") == french


def test_days_may_come_in_any_order_and_twice() -> None:
    mixed = dates("2026-03-11", "2026-03-10", "2026-03-11")

    assert days_text(mixed, "en") == "Tuesday 10 to Wednesday 11 March 2026"


@given(
    first=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    length=st.integers(2, 400),
    language=st.sampled_from(["en", "fr"]),
)
def test_any_run_of_days_is_said_by_its_two_ends(first: date, length: int, language: str) -> None:
    last = first + timedelta(days=length - 1)
    text = days_text([first + timedelta(days=step) for step in range(length)], language)

    assert text.endswith(day_text(last, language))
    assert (" to " if language == "en" else " au ") in text
    assert (str(first.year) in text) or first.year == last.year
    assert text.count(str(last.year)) == 1


@pytest.mark.parametrize(
    ("moment", "english", "french"),
    [
        (time(9), "9:00", "9 h"),
        (time(9, 5), "9:05", "9 h 05"),
        (time(16, 30), "16:30", "16 h 30"),
        (time(0), "0:00", "0 h"),
        (time(23, 59), "23:59", "23 h 59"),
    ],
)
def test_a_time_is_written_as_people_write_it(moment: time, english: str, french: str) -> None:
    assert time_text(moment, "en") == english
    assert plain(time_text(moment, "fr")) == french


def test_a_french_time_never_breaks_over_two_lines() -> None:
    assert " " not in time_text(time(16, 30), "fr")


@pytest.mark.parametrize(
    ("start", "end", "english", "french"),
    [
        (time(9), time(16), "9:00 to 16:00", "9 h à 16 h"),
        (time(9, 30), time(12, 15), "9:30 to 12:15", "9 h 30 à 12 h 15"),
        (None, None, "Times to be announced", "Heures à confirmer"),
        (time(9), None, "From 9:00", "À partir de 9 h"),
        (None, time(16), "Until 16:00", "Jusqu’à 16 h"),
    ],
)
def test_hours_say_what_is_known_of_them(
    start: time | None, end: time | None, english: str, french: str
) -> None:
    assert hours_text(start, end, "en") == english
    assert plain(hours_text(start, end, "fr")) == french


def test_a_schedule_with_the_same_hours_each_day_is_one_line() -> None:
    days = [Day(day, time(9), time(16)) for day in dates("2026-02-28", "2026-03-01")]

    assert schedule_text(days, "en") == (
        "Saturday 28 February to Sunday 1 March 2026, 9:00 to 16:00 each day",
    )
    assert [plain(line) for line in schedule_text(days, "fr")] == [
        "du samedi 28 février au dimanche 1er mars 2026, 9 h à 16 h chaque jour"
    ]


def test_a_schedule_with_different_hours_is_a_line_for_each_day_in_order() -> None:
    days = [Day(date(2026, 3, 11), time(9), time(12)), Day(date(2026, 3, 10), time(13), time(16))]

    assert schedule_text(days, "en") == (
        "Tuesday 10 March 2026, 13:00 to 16:00",
        "Wednesday 11 March 2026, 9:00 to 12:00",
    )


def test_a_schedule_says_when_times_are_to_be_announced() -> None:
    days = [Day(day) for day in dates("2026-03-10", "2026-03-11")]

    assert schedule_text(days, "en") == (
        "Tuesday 10 to Wednesday 11 March 2026, times to be announced",
    )
    assert schedule_text([Day(date(2026, 3, 10))], "fr") == (
        "mardi 10 mars 2026, heures à confirmer",
    )


def test_a_schedule_without_days_is_empty() -> None:
    assert schedule_text([], "en") == ()


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "Sunday 8 March 2026 at 1:59"),
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "Sunday 8 March 2026 at 3:00"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "Sunday 1 November 2026 at 1:30"),
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "Sunday 1 November 2026 at 1:30"),
        (datetime(2027, 1, 1, 4, 59, tzinfo=UTC), "Thursday 31 December 2026 at 23:59"),
    ],
)
def test_a_moment_is_written_in_the_local_time_of_its_zone(moment: datetime, text: str) -> None:
    assert moment_text(moment, "America/Toronto", "en") == text


def test_a_moment_is_written_in_french() -> None:
    text = moment_text(datetime(2026, 3, 1, 21, 5, tzinfo=UTC), "America/Toronto", "fr")

    assert plain(text) == "dimanche 1er mars 2026 à 16 h 05"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        moment_text(
            datetime(2026, 3, 1, 9, tzinfo=UTC).replace(tzinfo=None), "America/Toronto", "en"
        )


def test_a_language_that_is_not_written_is_refused() -> None:
    with pytest.raises(ValueError, match="'bilingual'"):
        day_text(date(2026, 3, 1), "bilingual")
    with pytest.raises(ValueError, match="'de'"):
        hours_text(None, None, "de")
