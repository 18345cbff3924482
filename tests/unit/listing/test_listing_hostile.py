"""Pasted text that is hostile, broken, or far too long."""

import re
import sys
from datetime import date
from re import _constants as kinds
from re import _parser as parser

import pytest

from services.catalog.listing import (
    body,
    dates,
    fees,
    place,
    prose,
    read_listing,
    times,
    writing,
)

DATE_LINE = "Feb 25, 2026 | Hall, Windsor, Ontario | English | $20"
MODULES = (body, dates, fees, place, prose, times, writing)


def patterns():
    for module in MODULES:
        for name, value in vars(module).items():
            for at, pattern in enumerate(value if isinstance(value, tuple) else (value,)):
                if isinstance(pattern, re.Pattern):
                    yield pytest.param(pattern, id=f"{module.__name__}:{name}:{at}")


def most_repeats(parsed):
    """Return how often the innermost part of a pattern can be repeated."""
    most = 1
    for operation, value in parsed:
        if operation in (kinds.MAX_REPEAT, kinds.MIN_REPEAT):
            _, highest, inner = value
            most = max(most, int(highest) * most_repeats(inner))
        elif operation is kinds.SUBPATTERN:
            most = max(most, most_repeats(value[-1]))
        elif operation is kinds.BRANCH:
            most = max(most, *(most_repeats(branch) for branch in value[1]))
    return most


@pytest.mark.parametrize("pattern", list(patterns()))
def test_no_pattern_repeats_without_a_bound(pattern):
    assert most_repeats(parser.parse(pattern.pattern, pattern.flags)) <= 200


def calls_made(text):
    """Count the calls of Python and C functions that reading a text takes."""
    made = 0

    def count(_frame, event, _argument):
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_listing(text)
    finally:
        sys.setprofile(before)
    return made


@pytest.mark.parametrize(
    "line",
    [
        DATE_LINE,
        "Feb 25, 2026",
        "Feb 25, 2026 -",
        "Feb 30, 2026 | Nowhere",
        "NOTE:",
        "NOTE: bring:",
        "\u2022",
        "\u2022 bring",
        ", |",
        "|",
        "Foot of the page\n",
        "Saturday",
        "9:00 - 16:00",
        "this 3-hour " * 5,
    ],
)
def test_twice_the_lines_take_twice_the_work(line):
    once, twice = (calls_made(DATE_LINE + "\n" + (line + "\n") * many) for many in (300, 600))
    assert twice < 2.2 * once


@pytest.mark.parametrize(
    "stuff",
    ["Feb 25, ", "| ", "**", "((((", " ", "\t", "\u00a0", "9", "9:00 - ", "$1,", "-", "NOTE: ",
     "passport for the ", "completion of ", "this online ", "six and a half ", "\u2022", "a\u0301"],
)  # fmt: skip
def test_a_megabyte_in_one_line_and_a_tenth_in_many_are_read(stuff):
    many = 1_000_000 // len(stuff)
    one_line = read_listing(f"{DATE_LINE}\nA Title\n\n{stuff * many}\n{DATE_LINE}\nLast")
    assert [one_line.entries[0].title, one_line.entries[-1].title] == ["A Title", "Last"]
    lines = f"{stuff * 10}\n" * (many // 100)
    many_lines = read_listing(f"{DATE_LINE}\n{lines}{DATE_LINE}\nLast")
    assert many_lines.entries[-1].title == "Last"


def test_a_date_line_of_a_megabyte_is_no_trap():
    listing = read_listing(f"Feb 25, 2026{' | x' * 250_000}\n{DATE_LINE}")
    assert len(listing.entries) == 2
    assert all(len(flag.detail) <= 201 for flag in listing.entries[0].flags)


def test_a_thousand_years_asked_for_in_each_line_make_no_days():
    listing = read_listing("Jan 1, 2001 - Dec 31, 2099 | X, Ontario | English\n" * 1000)
    assert (listing.entries, len(listing.left_over)) == ((), 1000)


def test_what_cannot_be_seen_is_taken_out_and_the_rest_read():
    (entry,) = read_listing(
        "\ufeffFe\u200bb\u00ad 25,\x00 2026 \u202e| Hall\u2066, Windsor, Ontario\u200f | English\n"
        "Al\x00lies\u200b at \u202dWork\x1b\nText\x07."
    ).entries
    assert (entry.dates, entry.city, entry.title, entry.description) == (
        (date(2026, 2, 25),),
        "Windsor",
        "Allies at Work",
        "Text.",
    )


def test_emoji_arabic_and_accents_are_kept():
    family = "\U0001f469\u200d\U0001f467"
    (entry,) = read_listing(
        f"{DATE_LINE}\n{family} \u0645\u0631\u062d\u0628\u0627 E\u0301te\u0301\n"
    ).entries
    assert entry.title == f"{family} \u0645\u0631\u062d\u0628\u0627 \u00c9t\u00e9"


def test_html_and_formulas_are_words_like_others():
    (entry,) = read_listing(
        'Feb 25, 2026 | <b>Hall</b>, Windsor, Ontario | English\n<script>alert("1")</script>\n'
        "=1+1;\nNOTE: bring <img src=x onerror=y>."
    ).entries
    assert entry.venue == "<b>Hall</b>"
    assert entry.title == '<script>alert("1")</script>'
    assert entry.description == "=1+1;"
    assert entry.bring == "bring <img src=x onerror=y>."


def test_half_a_surrogate_pair_becomes_a_sign_that_can_be_stored():
    (entry,) = read_listing(f"{DATE_LINE}\nAllies \ud83d at Work").entries
    assert entry.title == "Allies \ufffd at Work"
    assert entry.title.encode()


def test_a_line_of_dashes_makes_no_heading_of_the_text_above():
    (entry,) = read_listing(f"{DATE_LINE}\nTitle\n{'long ' * 20}\n-----\nText.").entries
    assert "\n\n-----\n\n" in entry.description
