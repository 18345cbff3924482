"""The roster as a sheet to print."""

import io
import itertools
import re
from datetime import date

import pytest
from pypdf import PdfReader

from services.documents.dates import Day
from services.documents.roster import Roster, RosterRow
from services.documents.roster_pdf import LONG_LIST, roster_pdf
from tests.unit.documents.factories import (
    FORMULA_PAYLOADS,
    NAMES_OF_THE_WORLD,
    a_person,
    a_roster,
    people,
)


def pdf_of(roster: Roster) -> PdfReader:
    return PdfReader(io.BytesIO(roster_pdf(roster)))


def pages_of(roster: Roster) -> list[str]:
    """Read each page's text with every white space made one plain space."""
    return [" ".join(page.extract_text().split()) for page in pdf_of(roster).pages]


def test_the_sheet_says_what_a_facilitator_must_know() -> None:
    (page,) = pages_of(a_roster())

    assert "Steward training, level 1" in page
    assert "Saturday 28 February to Sunday 1 March 2026, 9:00 to 16:00 each day" in page
    assert "Lakeside Community Hall, Thunder Bay" in page
    assert "Marguerite Beaulieu, Sam Whitefeather" in page
    assert "2 of 24" in page
    assert "Vegetarian meal (4), Child care (1)" in page
    assert "Flip chart" in page
    assert "As of Thursday 26 February 2026 at 16:05" in page
    assert "Personal information: destroy after the workshop." in page
    assert "Page 1 of 1" in page


def test_a_person_is_listed_with_local_role_contact_and_note() -> None:
    (page,) = pages_of(a_roster(rows=(a_person(),)))

    for words in ["Ann Lee", "Local 254", "Chief steward", "ann.lee@example.org", "Arrives at"]:
        assert words in page
    assert "+1 416 555 0100" in page


def test_each_day_has_its_column_to_sign_in() -> None:
    (page,) = pages_of(a_roster())

    assert page.count("Sign-in") == 2
    assert "Sat 28 Feb" in page
    assert "Sun 1 Mar" in page


def test_there_are_lines_for_people_who_are_added_on_the_day() -> None:
    assert "Added on the day" in pages_of(a_roster())[0]


def test_a_long_list_set_in_a_process_of_its_own_looks_like_any_other() -> None:
    short, long = (pages_of(a_roster(rows=people(LONG_LIST + more))) for more in (0, 1))

    assert len(short) == len(long) > 20
    assert short[1:-1] == long[1:-1]


def test_each_of_many_pages_says_what_it_belongs_to() -> None:
    pages = pages_of(a_roster(rows=people(60)))

    assert len(pages) == 5
    for number, page in enumerate(pages, start=1):
        assert re.search(r"No\. Name Local Contact Note Sign-in", page)
        assert f"Page {number} of 5" in page
        assert "Steward training, level 1" in page
        assert "Saturday 28 February to Sunday 1 March 2026" in page
        assert "Lakeside Community Hall, Thunder Bay" in page
        assert "Personal information: destroy" in page


def test_everybody_is_on_the_sheet_once_and_in_the_order_given() -> None:
    everything = " ".join(pages_of(a_roster(rows=people(60))))
    found = re.findall(r"Person\d{3} Lastname", everything)

    assert found == [row.name for row in people(60)]


@pytest.mark.parametrize("place", ["", "A hall", "A hall " * 20])
@pytest.mark.parametrize("count", range(9, 20))
def test_there_are_always_lines_to_write_on_and_at_most_one_page_is_for_them_alone(
    count: int, place: str
) -> None:
    rows = tuple(RosterRow(row.name, email="a@example.org") for row in people(count))
    pages = pages_of(a_roster(rows=rows, place=place))
    last_names = [number for number, page in enumerate(pages) if f"Person{count:03}" in page]

    assert "Added on the day" in pages[-1]
    assert len(pages) - 1 - last_names[0] in (0, 1)
    assert not [page for page in pages[:-1] if "Added on the day" in page]


def test_a_french_sheet_is_french_throughout() -> None:
    first, *_, last = pages_of(a_roster(language="fr", rows=people(60)))

    assert "PERSONNES INSCRITES" in first
    assert "du samedi 28 février au dimanche 1er mars 2026, 9 h à 16 h chaque jour" in first
    assert "Nom Section locale Coordonnées Note Signature" in first
    assert "2 sur 24" not in first
    assert "60 sur 24" in first
    assert "En date du jeudi 26 février 2026 à 16 h 05" in first
    assert "Renseignements personnels : à détruire après l" in first
    assert "Page 5 sur 5" in last
    assert "Sign-in" not in first


def test_a_column_in_which_nobody_has_anything_is_left_out() -> None:
    (page,) = pages_of(a_roster(rows=(RosterRow("Ann Lee"),)))

    assert "No. Name Sign-in" in page
    assert "Contact" not in page


def test_a_person_who_is_not_confirmed_is_marked() -> None:
    (page,) = pages_of(a_roster(rows=(a_person(status="waiting", note="Vegan"),)))

    assert "Waiting list; Vegan" in page
    assert "0 of 24" in page


def test_a_roster_without_people_says_so() -> None:
    (page,) = pages_of(a_roster(rows=()))

    assert "Nobody is confirmed yet." in page


def test_a_roster_with_nothing_but_a_title_is_still_a_sheet() -> None:
    bare = a_roster(
        days=(), place="", host="", facilitators=(), rows=(), needs={}, bring=(), title=""
    )

    assert len(pages_of(bare)) == 1


@pytest.mark.parametrize(
    "markup",
    [
        "#strong[loud]",
        "*bold* _slanted_",
        "$x^2$",
        '#read("/etc/hostname")',
        "#panic()",
        "@reference <label>",
        "= Heading",
        "\\ backslash \\u{41}",
        "// comment",
        "]] }} #{",
        "`raw`",
    ],
)
def test_markup_in_a_text_is_shown_and_never_obeyed(markup: str) -> None:
    (page,) = pages_of(a_roster(title=markup, rows=(a_person(note=markup),), bring=(markup,)))

    assert page.count(markup) == 3


def test_formula_payloads_are_only_text_on_paper() -> None:
    rows = tuple(a_person(payload, note=payload) for payload in FORMULA_PAYLOADS)

    assert "=WEBSERVICE(A1)" in " ".join(pages_of(a_roster(rows=rows)))


@pytest.mark.parametrize("name", NAMES_OF_THE_WORLD)
def test_a_name_in_any_script_gives_a_sheet(name: str) -> None:
    (page,) = pages_of(a_roster(title=name, place=name, rows=(a_person(name),)))

    assert "ann.lee@example.org" in page


@pytest.mark.parametrize("name", ["Élodie Côté", "Nguyễn Thị Hồng", "Łukasz Wójcik", "Юрий"])
def test_a_name_that_the_fonts_can_draw_can_be_searched_and_copied(name: str) -> None:
    assert name in pages_of(a_roster(rows=(a_person(name),)))[0]


LONG_NAMES = [
    "Anna Guadalupe Fernández-Castellanos-Montemayor-Villanueva",
    "Marie-Thérèse Desjardins-Beauchemin de la Rochefoucauld-Villeneuve du Québec-Saguenay",
    "Bartholomew Featherstonehaugh-Cholmondeley Wolfeschlegelsteinhausenbergerdorff",
]


@pytest.mark.parametrize("name", LONG_NAMES)
@pytest.mark.parametrize("days", [1, 3, 7])
def test_a_long_name_breaks_between_words_only(name: str, days: int) -> None:
    dates = tuple(Day(date(2026, 3, number)) for number in range(1, days + 1))
    (page,) = pages_of(a_roster(days=dates, rows=(a_person(name),)))

    assert name in page.replace("- ", "-")


def rules_across(roster: Roster) -> list[float]:
    """Give the heights above the page's foot at which rules cross it, in millimetres."""
    content = pdf_of(roster).pages[0].get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin-1")
    found = re.findall(r"([\d.]+) cm/c0 CS 0 SCN [\d.]+ w 4 M 0 0 m 7[\d.]+ 0 l", drawn)
    return sorted({float(height) / 72 * 25.4 for height in found}, reverse=True)


@pytest.mark.parametrize("rows", [people(12), tuple(RosterRow(f"P. {n}") for n in range(12))])
def test_each_line_is_high_enough_to_sign_in(rows: tuple[RosterRow, ...]) -> None:
    _top, *rules = rules_across(a_roster(rows=rows))[: len(rows) + 2]

    assert len(rules) == 13
    assert min(above - below for above, below in itertools.pairwise(rules)) >= 8


def test_nothing_is_drawn_in_grey() -> None:
    content = pdf_of(a_roster(rows=people(3))).pages[0].get_contents()
    assert content is not None
    drawn = content.get_data().decode("latin-1")

    assert {float(each) for each in re.findall(r"/c0 (?:CS|cs) ([\d.]+) (?:SCN|scn)", drawn)} == {0}


def test_a_word_too_wide_for_its_column_gives_one_page_and_no_neighbour_is_lost() -> None:
    person = a_person("W" * 200, local="M" * 200, email="a" * 64 + "@" + "b" * 60 + ".example.org")

    (page,) = pages_of(a_roster(rows=(person,)))

    assert "Arrives at" in page


def test_a_text_that_must_be_broken_leaves_the_words_beside_it_whole() -> None:
    link = "https://example.org/" + "a" * 200
    (page,) = pages_of(a_roster(rows=(a_person(note=f"Please read {link} beforehand"),)))

    assert "Please read" in page
    assert "beforehand" in page
    assert "Personal information: destroy after the workshop." in page


def test_a_workshop_of_ten_days_still_fits_the_width_of_the_page() -> None:
    days = tuple(Day(date(2026, 3, number)) for number in range(1, 11))
    (page,) = pages_of(a_roster(days=days))

    assert page.count("Sign-in") == 10


def test_the_paper_is_letter_and_landscape() -> None:
    box = pdf_of(a_roster()).pages[0].mediabox

    assert (round(box.width), round(box.height)) == (792, 612)


def test_the_file_is_tagged_and_knows_its_title_and_language() -> None:
    pdf = pdf_of(a_roster(language="fr"))
    catalog = pdf.trailer["/Root"]

    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "fr-CA"
    assert pdf.metadata is not None
    assert pdf.metadata.title == "Steward training, level 1"
    assert b"pdfuaid" in roster_pdf(a_roster())


def test_a_title_of_long_words_is_a_heading_for_a_screen_reader() -> None:
    assert b"pdfuaid" in roster_pdf(a_roster(title="Formation des déléguées syndicales"))


def test_a_sheet_with_a_sign_that_no_font_has_is_still_tagged() -> None:
    pdf = pdf_of(a_roster(rows=(a_person("李明 😀"),)))

    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_the_same_roster_gives_the_same_bytes() -> None:
    assert roster_pdf(a_roster()) == roster_pdf(a_roster())
