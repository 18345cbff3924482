"""What holds for any text: every line has its place, and what was written is what is read."""

import re
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.catalog.listing import NotAListing, read_listing
from services.catalog.listing.facts import entry_facts, entry_from_facts
from services.catalog.listing.writing import clean_lines

LABELS = re.compile(r"please note|notes?|n\.? ?b\.?|remarques?|\u00e0 noter|nota", re.IGNORECASE)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

PIECES = st.sampled_from(
    [
        "Feb 25, 2026 | Hall, Windsor, Ontario | English",
        "Feb 30, 2026 | Hall, Windsor, Ontario | English",
        "December 30, 2025 - January 2",
        ", 2026 | ONLINE, Ontario | French",
        "| $20",
        "- 27",
        "NOTE:",
        "**NOTE:** Please bring a pen.",
        "*NOTE: see also",
        "\u2022",
        "\u2022 one;",
        "- two",
        "A Title",
        "## A Heading",
        "This online workshop is a 3-hour course.",
        "in lower case",
        "Register",
        "-----",
        "Saturday: 9:00 a.m. - 4:00 p.m.",
        "",
        "",
    ]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=14).map("\n".join),
    st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=8).map("\n".join),
    st.text(),
)


def essence(text):
    """Reduce a line to the letters and digits that it says."""
    return "".join(sign for sign in text if sign.isalnum())


def kept(listing):
    for entry in listing.entries:
        yield from (entry.date_line, entry.title, entry.description, entry.bring, entry.notes)
    yield from (left.text for left in listing.left_over)


@settings(max_examples=400)
@given(TEXTS)
def test_every_line_of_any_text_has_its_place(text):
    try:
        listing = read_listing(text)
    except NotAListing:
        return
    everything = "\n".join(essence(part) for part in kept(listing))
    for line in clean_lines(text):
        said = line.replace("\t", " ")
        bare = LABELS.sub("", said, count=1)
        assert essence(said) in everything or essence(bare) in everything


@settings(max_examples=200)
@given(TEXTS)
def test_nothing_is_said_more_often_than_it_was_written(text):
    try:
        listing = read_listing(text)
    except NotAListing:
        return
    letters = sum(len(essence(part)) for part in kept(listing))
    assert letters <= sum(len(essence(line)) for line in clean_lines(text))


WORDS = st.sampled_from(
    ["Steward", "Basics", "Minutes", "\u00c9quipe", "Budget", "Allies", "\u00d8rsta"]
)
NAMES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
CENTS = st.integers(0, 99_999)


def money(cents):
    return f"${cents // 100:,}.{cents % 100:02d}"


def day_words(day):
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


@st.composite
def written_entries(draw):
    """Draw what an entry says, and the lines that say it."""
    first = draw(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
    length = draw(st.integers(1, 5))
    days = tuple(first + timedelta(days=at) for at in range(length))
    online = draw(st.booleans())
    venue, city = ("", "") if online else (draw(NAMES), draw(WORDS))
    language = draw(st.sampled_from(["English", "French", "Bilingual"]))
    fees = draw(st.one_of(st.none(), st.tuples(CENTS, CENTS)))
    hours = draw(st.one_of(st.none(), st.integers(max(2 * length, 1), 6 * length)))
    written = day_words(first) + (f" - {day_words(days[-1])}" if length > 1 else "")
    place = "ONLINE, Ontario" if online else f"{venue}, {city}, Ontario"
    price = f" | {money(fees[0])} (Affiliate) | {money(fees[1])} (Non-affiliate)" if fees else ""
    title, bring = draw(NAMES), draw(NAMES)
    prose = f"This {hours}-hour workshop is open." if hours else "This is open."
    facts = {
        "dates": days,
        "online": online,
        "venue": venue,
        "city": city,
        "province": "ON",
        "language": {"English": "en", "French": "fr", "Bilingual": "bilingual"}[language],
        "fee_affiliate_cents": fees[0] if fees else None,
        "fee_other_cents": fees[1] if fees else None,
        "hours": hours,
        "title": title,
        "description": f"{prose}\n\n- one;\n- two.",
        "bring": f"Please bring {bring}.",
        "flags": (),
    }
    lines = [
        f"{written} | {place} | {language}{price}",
        title,
        prose,
        "\u2022 one;",
        "\u2022 two.",
        f"NOTE: Please bring {bring}.",
    ]
    return facts, lines


@settings(max_examples=150)
@given(st.lists(written_entries(), min_size=1, max_size=4))
def test_what_was_written_is_what_is_read(written):
    listing = read_listing("\n".join(line for _, lines in written for line in lines))
    assert listing.left_over == ()
    read = [{name: getattr(e, name) for name in written[0][0]} for e in listing.entries]
    assert read == [facts for facts, _ in written]


@settings(max_examples=200)
@given(TEXTS)
def test_an_entry_comes_back_from_its_stored_form_unchanged(text):
    try:
        entries = read_listing(text).entries
    except NotAListing:
        return
    assert tuple(entry_from_facts(entry_facts(entry)) for entry in entries) == entries
