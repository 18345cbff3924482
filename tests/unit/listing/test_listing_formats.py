"""Everything that a date line and the text below it may look like."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.catalog.listing import (
    FlagCode,
    LeftOverReason,
    NotAListing,
    NotAListingReason,
    SuggestedTime,
    read_listing,
)

REST = " | Hall, Windsor, Ontario | English"


def the_entry(text):
    (entry,) = read_listing(text).entries
    return entry


def an_entry(dates="Feb 28, 2026", place="Hall, Windsor, Ontario", rest="English", body="A Title"):
    return the_entry(f"{dates} | {place} | {rest}\n{body}")


def codes(entry):
    return [flag.code for flag in entry.flags]


def days(first, last=None):
    first, last = date.fromisoformat(first), date.fromisoformat(last or first)
    return tuple(first + timedelta(days=at) for at in range((last - first).days + 1))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Feb 25, 2026", days("2026-02-25")),
        ("February 28 - March 1, 2026", days("2026-02-28", "2026-03-01")),
        ("February 26 - 27, 2026", days("2026-02-26", "2026-02-27")),
        ("December 8 - 12, 2025", days("2025-12-08", "2025-12-12")),
        ("December 30, 2025 - January 2, 2026", days("2025-12-30", "2026-01-02")),
        ("December 30, 2025 - January 2\n, 2026", days("2025-12-30", "2026-01-02")),
        ("December 30, 2025 -\nJanuary 2, 2026", days("2025-12-30", "2026-01-02")),
        ("December 30, 2025\n- January 2\n\n, 2026", days("2025-12-30", "2026-01-02")),
        ("Feb. 25 , ,2026", days("2026-02-25")),
        ("Sept. 3\u20134, 2026", days("2026-09-03", "2026-09-04")),
        ("February\u00a028\u202f\u2014\u00a0March 1,\u00a02026", days("2026-02-28", "2026-03-01")),
        ("FEBRUARY 25TH, 2026", days("2026-02-25")),
        ("Wednesday, February 25, 2026", days("2026-02-25")),
        ("Sat-Sun, February 28 - March 1, 2026", days("2026-02-28", "2026-03-01")),
        ("25 February 2026", days("2026-02-25")),
        ("28 f\u00e9vrier - 1er mars 2026", days("2026-02-28", "2026-03-01")),
        ("du 26 au 27 fe\u0301vr. 2026", days("2026-02-26", "2026-02-27")),
        ("le mercredi 25 f\u00e9vrier 2026", days("2026-02-25")),
        ("March 3, 10 and 17, 2026", days("2026-03-03") + days("2026-03-10") + days("2026-03-17")),
        ("2026-02-25", days("2026-02-25")),
        ("2026-02-28 - 2026-03-01", days("2026-02-28", "2026-03-01")),
        ("Feb 29, 2028", days("2028-02-29")),
    ],
)  # fmt: skip
def test_a_date_cell_gives_every_day_from_first_to_last(written, expected):
    entry = the_entry(written + REST + "\nA Title")
    assert entry.dates == expected
    assert entry.flags == ()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Feb 30, 2026", LeftOverReason.IMPOSSIBLE_DATE),
        ("Feb 29, 2026", LeftOverReason.IMPOSSIBLE_DATE),
        ("Feb 25, 1026", LeftOverReason.IMPOSSIBLE_DATE),
        ("March 3 - 1, 2026", LeftOverReason.END_BEFORE_START),
        ("December 30 - January 2, 2026", LeftOverReason.END_BEFORE_START),
        ("Feb 25", LeftOverReason.YEAR_MISSING),
        ("February 2026, 25 - ?", LeftOverReason.UNREADABLE_DATE),
        ("Feb 25, 206", LeftOverReason.UNREADABLE_DATE),
        ("02/25/2026", LeftOverReason.UNREADABLE_DATE),
        ("2026-13-01", LeftOverReason.UNREADABLE_DATE),
        ("Feb 3 - 5 - 7, 2026", LeftOverReason.UNREADABLE_DATE),
        ("Feb 25, 2026 (new)", LeftOverReason.UNREADABLE_DATE),
        ("January 1, 2001 - December 31, 2099", LeftOverReason.RANGE_TOO_LONG),
    ],
)
def test_a_date_that_cannot_be_read_is_left_over_with_its_text_and_a_reason(written, reason):
    listing = read_listing(f"Mar 2, 2026{REST}\nFirst\n{written}{REST}\nSecond\nMar 9, 2026{REST}")
    assert [entry.title for entry in listing.entries] == ["First", ""]
    assert [(left.line_number, left.reason) for left in listing.left_over] == [
        (3, reason),
        (4, LeftOverReason.UNDER_UNREAD_DATE),
    ]


def test_a_listing_of_nothing_but_unreadable_dates_tells_them_all():
    listing = read_listing("Feb 30, 2026 | Renfrew, Ontario | English")
    assert listing.entries == ()
    assert [left.reason for left in listing.left_over] == [LeftOverReason.IMPOSSIBLE_DATE]


def test_a_weekday_that_does_not_fit_its_date_is_flagged():
    entry = an_entry(dates="Monday, February 28, 2026")
    assert entry.dates == days("2026-02-28")
    assert [(flag.code, flag.detail) for flag in entry.flags] == [(FlagCode.DATE_UNCLEAR, "Monday")]


def test_a_date_line_broken_at_its_bars_is_one_line():
    entry = the_entry("Feb 25, 2026\n| Hall, Windsor,\nOntario | English\n| $20\nA Title")
    assert entry.date_line == "Feb 25, 2026 | Hall, Windsor, Ontario | English | $20"
    assert (entry.city, entry.fee_other_cents, entry.title) == ("Windsor", 2000, "A Title")


def test_windows_line_ends_tabs_and_bars_at_the_edges_change_nothing():
    entry = the_entry("\ufeff|\tFeb 25, 2026 |\tHall,  Windsor , Ontario,|English |\r\nA Title\r\n")
    assert (entry.venue, entry.city, entry.province, entry.title, entry.flags) == (
        "Hall", "Windsor", "ON", "A Title", ()
    )  # fmt: skip


def test_a_table_row_divided_by_tabs_is_a_date_line():
    entry = the_entry("Feb 25, 2026\tRenfrew, Ontario\tEnglish\t$20\nA Title")
    assert (entry.city, entry.language, entry.fee_other_cents) == ("Renfrew", "en", 2000)


@pytest.mark.parametrize(
    ("cell", "place", "zone"),
    [
        ("Renfrew, Ontario", (False, "", "Renfrew", "ON"),
         "America/Toronto"),
        ("Renfrew Ontario", (False, "", "Renfrew", "ON"),
         "America/Toronto"),
        ("Yorkton Area Office, Yorkton, Saskatchewan",
         (False, "Yorkton Area Office", "Yorkton", "SK"),
         "America/Regina"),
        ("Centre de Villégiature Deux Rivières, Tracadie-Sheila, New Brunswick",
         (False, "Centre de Villégiature Deux Rivières", "Tracadie-Sheila", "NB"),
         "America/Moncton"),
        ("Room 2, The Inn, Halifax, N.S.", (False, "Room 2, The Inn", "Halifax", "NS"),
         "America/Halifax"),
        ("Hall, Québec, Québec", (False, "Hall", "Québec", "QC"),
         "America/Toronto"),
        ("Hall, Gander, Newfoundland and Labrador", (False, "Hall", "Gander", "NL"),
         "America/St_Johns"),
        ("Hall, Goose Bay, NL, Canada", (False, "Hall", "Goose Bay", "NL"),
         "America/Goose_Bay"),
        ("Hall, Summerside, Île-du-Prince-Édouard", (False, "Hall", "Summerside", "PE"),
         "America/Halifax"),
        ("Hall, Brandon, Manitoba", (False, "Hall", "Brandon", "MB"),
         "America/Winnipeg"),
        ("Hall, Red Deer, Alberta", (False, "Hall", "Red Deer", "AB"),
         "America/Edmonton"),
        ("Hall, Victoria, B.C.", (False, "Hall", "Victoria", "BC"),
         "America/Vancouver"),
        ("Hall, Kenora, Ontario", (False, "Hall", "Kenora", "ON"),
         "America/Winnipeg"),
        ("Hall, Thunder Bay, Ontario", (False, "Hall", "Thunder Bay", "ON"),
         "America/Toronto"),
        ("Hall, Whitehorse, Yukon", (False, "Hall", "Whitehorse", "YT"),
         "America/Whitehorse"),
        ("Hall, Hay River, Northwest Territories", (False, "Hall", "Hay River", "NT"),
         "America/Edmonton"),
        ("Hall, Iqaluit, Nunavut", (False, "Hall", "Iqaluit", "NU"),
         "America/Iqaluit"),
        ("ONLINE, Ontario", (True, "", "", "ON"),
         "America/Toronto"),
        ("ONLINE , , Nova Scotia", (True, "", "", "NS"),
         "America/Halifax"),
        ("En ligne (Zoom), Nouveau-Brunswick", (True, "", "", "NB"),
         "America/Moncton"),
    ],
)  # fmt: skip
def test_a_place_cell_gives_venue_town_province_and_zone(cell, place, zone):
    entry = an_entry(place=cell)
    assert (entry.online, entry.venue, entry.city, entry.province) == place
    assert entry.zone == zone
    assert ZoneInfo(entry.zone)
    assert entry.flags == ()


@pytest.mark.parametrize(
    ("cell", "flags"),
    [
        ("", [FlagCode.NO_PLACE, FlagCode.UNKNOWN_PROVINCE]),
        ("Ontario", [FlagCode.NO_PLACE]),
        ("Yorkton Area Office, Saskatchewan", [FlagCode.NO_PLACE]),
        ("Renfrew", [FlagCode.UNKNOWN_PROVINCE]),
        ("ONLINE", [FlagCode.UNKNOWN_PROVINCE]),
        ("ONLINE, Windsor, Ontario", [FlagCode.PLACE_AND_ONLINE]),
        ("Windsor and online, Ontario", [FlagCode.PLACE_AND_ONLINE]),
        ("Hybrid, Windsor, Ontario", [FlagCode.PLACE_AND_ONLINE]),
    ],
)
def test_a_place_that_is_missing_or_double_is_flagged(cell, flags):
    entry = an_entry(place=cell)
    assert codes(entry) == flags
    assert entry.online is not False or entry.city


@pytest.mark.parametrize(
    ("place", "body", "contradicts"),
    [
        ("Renfrew, Ontario", "This online workshop is new.", True),
        ("Renfrew, Ontario", "Cet atelier en ligne est nouveau.", True),
        ("Renfrew, Ontario", "The course will be held on Zoom.", True),
        ("Renfrew, Ontario", "Pensions (online)", True),
        ("Renfrew, Ontario", "Learn to stop online bullying. See also our online courses.", False),
        ("ONLINE, Ontario", "This is an in-person workshop, and is held in person.", True),
        ("ONLINE, Ontario", "This online workshop is new.", False),
    ],
)
def test_place_and_description_may_contradict_each_other(place, body, contradicts):
    entry = an_entry(place=place, body=body)
    assert (FlagCode.PLACE_AND_ONLINE in codes(entry)) is contradicts
    assert (entry.online is None) is contradicts


@pytest.mark.parametrize(
    ("cell", "language"),
    [("English", "en"), ("french", "fr"), ("Français", "fr"), ("Anglais", "en"),
     ("Bilingual", "bilingual"), ("English / French", "bilingual"), ("Bilingue", "bilingual")],
)  # fmt: skip
def test_a_language_cell_gives_a_code(cell, language):
    entry = an_entry(rest=cell)
    assert (entry.language, entry.flags) == (language, ())


@pytest.mark.parametrize(
    ("rest", "flags"),
    [
        ("$20", [FlagCode.NO_LANGUAGE]),
        ("Spanish", [FlagCode.NO_LANGUAGE, FlagCode.UNREAD_CELL]),
        ("English | French", [FlagCode.NO_LANGUAGE]),
        ("English | Registration closed", [FlagCode.UNREAD_CELL]),
    ],
)
def test_a_missing_language_and_a_cell_without_sense_are_flagged(rest, flags):
    assert codes(an_entry(rest=rest)) == flags


@pytest.mark.parametrize(
    ("cells", "affiliate", "other"),
    [
        ("$20", 2000, 2000),
        ("$25 (Affiliate) | $30 (Non-affiliate)", 2500, 3000),
        ("$30 (Non-Affiliates) | $25 (AFFILIATES)", 2500, 3000),
        ("$25 Affiliate / $30 Non-affiliate", 2500, 3000),
        ("Affiliate: $25, Non-affiliate: $30", 2500, 3000),
        ("25 $ (Affilié·e) | 30,50 $ (Non affilié·e)", 2500, 3050),
        ("$1,250.00", 125000, 125000),
        ("$ 80.5", 8050, 8050),
        ("CAD 20$ per person", 2000, 2000),
        ("$0", 0, 0),
        ("Free", 0, 0),
        ("Gratuit", 0, 0),
    ],
)
def test_fee_cells_give_cents(cells, affiliate, other):
    entry = an_entry(rest=f"English | {cells}")
    assert (entry.fee_affiliate_cents, entry.fee_other_cents) == (affiliate, other)
    assert entry.flags == ()


def test_no_fee_is_not_stated_rather_than_free():
    entry = an_entry()
    assert (entry.fee_affiliate_cents, entry.fee_other_cents, entry.flags) == (None, None, ())


@pytest.mark.parametrize(
    ("cells", "affiliate", "other"),
    [
        ("$25 (Affiliate)", 2500, None),
        ("$25 (Affiliate) | $30", 2500, None),
        ("$25 (Affiliate) | $26 (Affiliate) | $30 (Non-affiliate)", None, 3000),
        ("$20 - $30", None, None),
        ("$20 + tax", None, None),
        ("-$20", None, None),
        ("$20.555", None, None),
        ("$9999999", None, None),
        ("$", None, None),
    ],
)
def test_a_fee_that_can_be_read_in_two_ways_is_flagged_and_not_guessed(cells, affiliate, other):
    entry = an_entry(rest=f"English | {cells}")
    assert (entry.fee_affiliate_cents, entry.fee_other_cents) == (affiliate, other)
    assert codes(entry) == [FlagCode.FEE_UNCLEAR]


def test_a_fee_in_the_text_that_the_date_line_does_not_state_is_flagged():
    body = "A Title\nA fee of $45 pays for lunch."
    assert codes(an_entry(body=body)) == [FlagCode.FEE_UNCLEAR]
    assert codes(an_entry(rest="English | $45", body=body)) == []
    assert codes(an_entry(body="A Title\nHow a local spends $500 well.")) == []


@pytest.mark.parametrize(
    ("prose", "hours"),
    [
        ("In this 9-hour workshop, you will learn.", 9),
        ("In this 3-hours workshop, learn.", 3),
        ("This 6 hour interactive online course helps.", 6),
        ("A six-hour session for all.", 6),
        ("A 3.5-hour workshop.", 3.5),
        ("A two-and-a-half-hour workshop.", 2.5),
        ("Duration: 4 hours", 4),
        ("It is 5 hours long.", 5),
        ("Cet atelier de 6 heures est offert.", 6),
        ("Une formation d'une durée de trois heures.", 3),
        ("Workers on 12-hour shifts are welcome; call 24 hours before.", None),
        ("Register within 48 hours.", None),
    ],
)
def test_hours_come_from_the_prose(prose, hours):
    assert an_entry(place="ONLINE, Ontario", body=f"A Title\n{prose}").hours == hours


def test_two_lengths_or_a_length_that_does_not_fit_the_days_are_flagged():
    twice = an_entry(body="A Title\nThis 6-hour workshop is short. A 9-hour course follows.")
    assert (twice.hours, codes(twice)) == (None, [FlagCode.HOURS_UNCLEAR])
    assert twice.flags[0].detail == "6, 9"
    week = an_entry(dates="December 8 - 12, 2025", body="A Title\nA 3-hour workshop.")
    assert (week.hours, codes(week)) == (3, [FlagCode.HOURS_UNCLEAR])
    weekend = an_entry(dates="March 7 - 8, 2026", body="A Title\nA 3-hour workshop.")
    assert weekend.flags == ()
    assert codes(an_entry(body="A Title\nA 30-hour course.")) == [FlagCode.HOURS_UNCLEAR]


@pytest.mark.parametrize(
    ("prose", "required"),
    [
        ("Following the completion of LET - Financial Essentials, this helps.",
         "LET - Financial Essentials"),
        ("NOTE: Participants must have completed Steward Basics before this course.",
         "Steward Basics"),
        ("NOTE: Prerequisite: Steward Basics.", "Steward Basics"),
        ("Steward Basics is a prerequisite for this workshop.", "Steward Basics"),
        ("Completion of Steward Basics is required.", "Steward Basics"),
        ("Préalable : Premiers pas.", "Premiers pas"),
        ("Il faut avoir suivi Premiers pas avant de s'inscrire.", "Premiers pas"),
        ("NOTE: This workshop is a pre-requisite for Financial Officers.", ""),
    ],
)  # fmt: skip
def test_a_required_workshop_is_named(prose, required):
    entry = an_entry(body=f"A Title\n{prose}")
    assert entry.prerequisites == required
    assert prose.removeprefix("NOTE: ") in (entry.description, entry.notes)


@pytest.mark.parametrize(
    "note",
    [
        "NOTE: Please bring a laptop.",
        "Note : Please bring a laptop.",
        "**NOTE:** Please bring a laptop.",
        "**NOTE**: Please bring a laptop.",
        "*NOTE: Please bring a laptop.*",
        "**NOTE: Please bring a laptop.**",
        "\u2022 NOTE: Please bring a laptop.",
        "NOTE \u2013 Please bring a laptop.",
        "NOTE:\nPlease bring a laptop.",
        "NOTE: Please bring\na laptop.",
        "Please bring a laptop.",
    ],
)
def test_what_to_bring_is_found_however_its_note_is_starred(note):
    entry = an_entry(body=f"A Title\nSome text.\n\n{note}\nMore text.")
    assert entry.bring.replace("\n", " ") == "Please bring a laptop."
    assert (entry.description, entry.notes) == ("Some text.\n\nMore text.", "")


def test_a_note_keeps_its_list():
    entry = an_entry(
        body="A Title\nNOTE: Please bring:\n\u2022 a pen;\n\n\u2022 a laptop.\n\nText."
    )
    assert entry.bring == "Please bring:\n\n- a pen;\n- a laptop."
    assert entry.description == "Text."


def test_bringing_people_together_is_no_thing_to_bring():
    entry = an_entry(body="A Title\nNOTE: We bring together stewards.")
    assert (entry.bring, entry.notes) == ("", "We bring together stewards.")


@pytest.mark.parametrize(
    "bullet", ["\u2022 ", "\u2022", "- ", "* ", "\u2013 ", "\u2022\n", "\uf0b7 "]
)
def test_every_kind_of_bullet_becomes_one_list(bullet):
    entry = an_entry(body=f"A Title\nLearn:\n{bullet}one;\n{bullet}two.\nAfter.")
    assert entry.description == "Learn:\n\n- one;\n- two.\n\nAfter."


def test_sentences_cut_by_line_breaks_stay_together():
    entry = an_entry(
        body="This text was cut by a\nprogram, which\nhappens.\n\u2022 and a\nbullet\nNew."
    )
    assert entry.title == ""
    assert entry.description == (
        "This text was cut by a\nprogram, which\nhappens.\n\n- and a bullet\n\nNew."
    )


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Steward Basics", "Steward Basics"),
        ("\n\nSteward Basics\n\nText.", "Steward Basics"),
        ("**Steward Basics**\nText.", "Steward Basics"),
        ("## Steward Basics\nText.", "Steward Basics"),
        ("What does a steward do?", ""),
        ("Learn about stewards.", ""),
        ("In this workshop you will learn\n\u2022 one.", ""),
        ("\u2022 one", ""),
        ("NOTE: one", ""),
        ("1. one\n2. two", ""),
        ("word " * 40, ""),
    ],
)
def test_a_title_is_a_short_first_line_that_is_no_sentence(body, title):
    entry = the_entry(f"Feb 25, 2026{REST}\n{body}\nMar 2, 2026{REST}\nNext".split("\nMar")[0])
    assert entry.title == title
    assert (FlagCode.NO_TITLE in codes(entry)) is not title


def test_the_day_plan_of_one_range_is_suggested_and_flagged():
    entry = an_entry(body="A Title\nWe meet from 9:00 a.m. to 4:30 p.m. in the hall.")
    assert entry.suggested_times == (SuggestedTime(None, "09:00", "16:30"),)
    assert [(flag.code, flag.detail) for flag in entry.flags] == [
        (FlagCode.TIMES_IN_DESCRIPTION, "9:00 a.m. to 4:30 p.m.")
    ]
    assert "9:00 a.m." in entry.description


@pytest.mark.parametrize(
    "plan",
    [
        "Saturday: 9:00 a.m. - 4:30 p.m.\nSunday: 09:00\u201312:00",
        "Day 1: 9 am to 4:30 pm\nDay 2: 9 am to noon",
        "February 28: 9:00 - 16:30\nMarch 1: 9:00am - 12pm",
        "Samedi\n9 h à 16 h 30\nDimanche\n9h00 à 12h00",
    ],
)
def test_a_plan_by_day_gives_each_day_its_times(plan):
    entry = an_entry(dates="February 28 - March 1, 2026", body=f"A Title\nText.\n\n{plan}")
    assert entry.suggested_times == (
        SuggestedTime(date(2026, 2, 28), "09:00", "16:30"),
        SuggestedTime(date(2026, 3, 1), "09:00", "12:00"),
    )


@pytest.mark.parametrize(
    "plan",
    [
        "We meet from 9:00 to 4:00.",
        "We meet from 9:00 to 11:30.",
        "Starts at 9:00 a.m.",
        "9:00 a.m. - 10:30 a.m. Welcome.\n10:30 a.m. - 4:00 p.m. Work.",
        "Lunch is from 12:00 p.m. to 1:00 p.m.",
        "Tuesday: 9:00 a.m. - 4:00 p.m.",
        "Registration at 8:30 a.m., workshop 9:00 a.m. - 4:00 p.m.",
    ],
)
def test_times_that_could_mean_two_things_are_flagged_but_not_suggested(plan):
    entry = an_entry(body=f"A Title\nText.\n\n{plan}")
    assert entry.suggested_times == ()
    assert codes(entry) == [FlagCode.TIMES_IN_DESCRIPTION]


def test_numbers_that_are_no_times_of_day_are_left_alone():
    entry = an_entry(
        body="A Title\nBill 24 of 2019 won 16:9, by 3-2, for $1:00 at 24/7, atelier de 6 h."
    )
    assert entry.suggested_times == ()


def test_a_time_in_the_date_cell_is_suggested():
    entry = an_entry(dates="Feb 28, 2026, 9:00 a.m. - 4:00 p.m.")
    assert entry.dates == days("2026-02-28")
    assert entry.suggested_times == (SuggestedTime(None, "09:00", "16:00"),)


def test_two_groups_on_the_same_day_are_two_entries():
    listing = read_listing(f"Feb 25, 2026{REST}\nBasics\n" * 2)
    assert [(entry.line, entry.title) for entry in listing.entries] == [
        (1, "Basics"),
        (3, "Basics"),
    ]


def test_lines_around_and_between_the_entries_are_left_over_with_a_reason():
    listing = read_listing(
        f"Workshops this spring\nFeb 25, 2026{REST}\nBasics\nText.\nRegister\n"
        f"Mar 2, 2026{REST}\nNext\nText.\n\nFollow us\n\nContact\nPrivacy"
    )
    assert [(left.line_number, left.text, left.reason) for left in listing.left_over] == [
        (1, "Workshops this spring", LeftOverReason.BEFORE_FIRST_ENTRY),
        (5, "Register", LeftOverReason.PAGE_FURNITURE),
        (10, "Follow us", LeftOverReason.TRAILING),
        (12, "Contact", LeftOverReason.TRAILING),
        (13, "Privacy", LeftOverReason.TRAILING),
    ]


def test_the_last_entry_keeps_a_list_at_its_end():
    listing = read_listing(f"Feb 25, 2026{REST}\nBasics\nLearn:\n\n\u2022 one\n\u2022 two")
    assert listing.left_over == ()
    assert listing.entries[0].description == "Learn:\n\n- one\n- two"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", NotAListingReason.EMPTY),
        (" \n\t\u00a0\n", NotAListingReason.EMPTY),
        ("\u200b\x00\ufeff", NotAListingReason.EMPTY),
        ("Dear all,\nsee you on Feb 25, 2026.", NotAListingReason.NO_DATE_LINE),
        ("name | mail\nAnna | anna@example.org", NotAListingReason.NO_DATE_LINE),
        ('{"a": 1}', NotAListingReason.NO_DATE_LINE),
    ],
)
def test_a_text_without_a_date_line_is_no_listing(text, reason):
    with pytest.raises(NotAListing) as refused:
        read_listing(text)
    assert refused.value.reason is reason
