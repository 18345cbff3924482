"""The demonstration calendar and directory, on any day of the year."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.demo.directory import LOCALS
from infra.demo.listing import demo_listing
from services.catalog.listing import FlagCode, past, read_listing

SATURDAY, SUNDAY = 5, 6


def entries_on(today):
    return read_listing(demo_listing(today)).entries


@settings(max_examples=60)
@given(st.dates(date(2025, 1, 1), date(2035, 1, 1)))
def test_on_any_day_all_sixteen_entries_lie_ahead_within_four_months(today):
    entries = entries_on(today)
    assert len(entries) == 16
    assert read_listing(demo_listing(today)).left_over == ()
    assert all(entry.dates[0] > today and not past(entry, today) for entry in entries)
    assert max(entry.dates[-1] for entry in entries) < today + timedelta(days=130)
    assert [entry.dates[0] for entry in entries] == sorted(entry.dates[0] for entry in entries)


@settings(max_examples=60)
@given(st.dates(date(2025, 1, 1), date(2035, 1, 1)))
def test_the_weekdays_are_those_of_a_training_calendar(today):
    for entry in entries_on(today):
        weekdays = [day.weekday() for day in entry.dates]
        assert weekdays != [SUNDAY]
        assert len(weekdays) < 5 or weekdays == [0, 1, 2, 3, 4]
        assert SUNDAY not in weekdays or SATURDAY in weekdays


def test_only_the_two_flags_that_show_the_review_are_raised():
    flagged = {e.title: [f.code for f in e.flags] for e in entries_on(date(2026, 1, 5)) if e.flags}
    assert flagged == {
        "": [FlagCode.NO_TITLE],
        "Understanding Your Pension": [FlagCode.PLACE_AND_ONLINE],
    }


def test_the_calendar_shows_every_kind_of_entry():
    entries = entries_on(date(2026, 1, 5))
    assert sum(entry.language == "fr" for entry in entries) == 4
    assert sum(entry.online is True for entry in entries) == 5
    assert {entry.province for entry in entries} == {"ON", "NB"}
    assert {len(entry.dates) for entry in entries} == {1, 2, 3, 5}
    assert {entry.prerequisites for entry in entries} == {
        "", "Local Finances for Treasurers", "Reading Your Collective Agreement"
    }  # fmt: skip
    assert any(entry.series for entry in entries)
    assert sum(bool(entry.bring) for entry in entries) == 8
    assert any(e.fee_affiliate_cents != e.fee_other_cents for e in entries)
    assert any(e.fee_other_cents is None for e in entries)


def test_every_required_workshop_is_in_the_calendar():
    entries = entries_on(date(2026, 1, 5))
    titles = {entry.title for entry in entries}
    assert {entry.prerequisites for entry in entries if entry.prerequisites} <= titles


@pytest.mark.parametrize("today", [date(2026, 12, 7), date(2027, 12, 30)])
def test_ranges_over_a_month_or_a_year_are_written_as_the_listing_writes_them(today):
    for entry in entries_on(today):
        first, last = entry.dates[0], entry.dates[-1]
        assert {str(first.year), str(last.year)} <= set(re.findall("[0-9]{4}", entry.date_line))


def test_the_directory_has_forty_locals_with_numbers_of_their_own():
    assert len(LOCALS) >= 40
    assert len({local.number for local in LOCALS}) == len(LOCALS)
    assert {local.affiliated for local in LOCALS} == {True, False}
    titles = {local.title for local in LOCALS}
    assert "Local 1207 \u2013 Riverbend Hospital Workers" in titles
    assert "Section locale 5120 \u2013 H\u00f4pital de la Baie" in titles
