"""The real listing, entry by entry, as a coordinator pastes it."""

from datetime import date
from pathlib import Path

import pytest

from services.catalog.listing import FlagCode, LeftOver, LeftOverReason, past, read_listing

REAL = (Path(__file__).parent / "listing.txt").read_text("utf-8")
LISTING = read_listing(REAL)

NO_TITLE = (FlagCode.NO_TITLE,)
SAULT = ("CUPE Sault Ste Marie Area Office", "Sault Ste Marie")
THORNHILL = ("Ontario Regional Office", "Thornhill")
ONLINE = ("", "")

# line, dates, (venue, city), online, fees, hours, title, flags
EXPECTED = [
    (2, ["2026-02-25"], ("", "Renfrew"), None, (2000, 2000), None, "",
     (FlagCode.PLACE_AND_ONLINE, FlagCode.NO_TITLE)),
    (4, ["2026-02-26", "2026-02-27"], SAULT, False, (2500, 3000), None,
     "Introduction to Stewarding and Notetaking", ()),
    (6, ["2026-02-28", "2026-03-01"], ("CUPE Windsor Area Office", "Windsor"), False,
     (None, None), 9, "", NO_TITLE),
    (16, ["2026-03-02"], ONLINE, True, (None, None), None, "", NO_TITLE),
    (18, ["2026-03-10", "2026-03-11"], ("CUPE Thunder Bay Area Office", "Thunder Bay"), False,
     (8000, 8000), None, "", NO_TITLE),
    (26, ["2026-03-18", "2026-03-19"], SAULT, False, (2500, 3000), None,
     "Financial Essentials and Financial Officers", ()),
    (28, ["2026-03-23"], THORNHILL, False, (None, None), None, "", NO_TITLE),
    (32, ["2026-03-30"], THORNHILL, False, (None, None), 6, "", NO_TITLE),
    (40, ["2026-04-13"], ONLINE, True, (None, None), 3, "", NO_TITLE),
    (44, ["2026-04-20"], ONLINE, True, (None, None), None, "", NO_TITLE),
    (48, ["2026-04-25", "2026-04-26"], ("CUPE Local 543", "Windsor"), False,
     (12500, 15000), None, "", NO_TITLE),
    (57, ["2026-05-04"], ONLINE, True, (None, None), None, "", NO_TITLE),
]  # fmt: skip


def entry_at(line):
    return next(entry for entry in LISTING.entries if entry.line == line)


def test_the_real_listing_has_twelve_entries():
    assert len(LISTING.entries) == 12
    assert len(EXPECTED) == 12


@pytest.mark.parametrize("at", range(12))
def test_each_entry_has_its_dates_place_fees_hours_title_and_flags(at):
    line, dates, place, online, fees, hours, title, flags = EXPECTED[at]
    entry = LISTING.entries[at]
    assert entry.line == line
    assert entry.dates == tuple(date.fromisoformat(day) for day in dates)
    assert (entry.venue, entry.city) == place
    assert entry.online is online
    assert (entry.fee_affiliate_cents, entry.fee_other_cents) == fees
    assert entry.hours == hours
    assert entry.title == title
    assert tuple(flag.code for flag in entry.flags) == flags


def test_every_entry_is_in_english_in_ontario_and_on_toronto_time():
    assert {(e.language, e.province, e.zone) for e in LISTING.entries} == {
        ("en", "ON", "America/Toronto")
    }


def test_the_lines_of_the_page_around_the_listing_are_left_over():
    assert LISTING.left_over == (
        LeftOver(1, "Skip to main content", LeftOverReason.PAGE_FURNITURE),
        LeftOver(62, "Our social site pages", LeftOverReason.TRAILING),
    )


def test_the_contradiction_quotes_the_words_of_the_description():
    flag = entry_at(2).flags[0]
    assert (flag.code, flag.detail) == (FlagCode.PLACE_AND_ONLINE, "This online workshop")


def test_the_date_lines_are_kept_as_written():
    lines = REAL.splitlines()
    assert [e.date_line for e in LISTING.entries] == [lines[e.line - 1] for e in LISTING.entries]


def test_things_to_bring_leave_the_description_and_are_kept_whole():
    assert {e.line: e.bring for e in LISTING.entries if e.bring} == {
        6: "Please bring a copy of your collective agreement and local union bylaws to the "
        "workshop.",
        32: "Please bring a laptop, if possible.",
        48: "Please bring your local bylaws, sample meeting notices, sample membership meeting "
        "minutes and a laptop or tablet (if you have one) to the workshop.",
    }


def test_cross_references_are_notes_and_no_prerequisites():
    assert {e.line: e.notes for e in LISTING.entries if e.notes} == {
        18: "See more Health and Safety courses in the Health and Safety Learning Series.",
        28: "This workshop is a pre-requisite for Secretary-Treasurers and Trustees wishing to "
        "take LET - Financial Officers.",
    }
    assert {e.line: e.prerequisites for e in LISTING.entries if e.prerequisites} == {
        32: "LET - Financial Essentials"
    }


def test_the_stamp_in_a_passport_names_the_series():
    assert {e.line: e.series for e in LISTING.entries if e.series} == {
        57: "Steward Learning Series (SLS)"
    }


def test_a_description_is_markdown_with_its_list_and_all_its_paragraphs():
    assert entry_at(48).description == (
        "Recording Secretaries play a vital role in keeping local unions strong.\n\n"
        "Learn how to:\n\n"
        "- take clear and accurate meeting minutes;\n- organize files;\n"
        "- process and write correspondence; and\n- communicate effectively with members."
    )
    assert entry_at(44).description.count("\n\n") == 2
    assert entry_at(4).description == ""


def test_a_session_is_past_the_day_after_its_last_day():
    weekend = entry_at(6)
    assert not past(weekend, date(2026, 3, 1))
    assert past(weekend, date(2026, 3, 2))
