"""The roster as an Excel workbook."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from services.documents.roster import Roster
from services.documents.roster_xlsx import roster_xlsx
from tests.unit.documents.factories import (
    FORMULA_PAYLOADS,
    NAMES_OF_THE_WORLD,
    a_person,
    a_roster,
    people,
)


def sheet_of(roster: Roster) -> Worksheet:
    sheet = load_workbook(io.BytesIO(roster_xlsx(roster))).active
    assert isinstance(sheet, Worksheet)
    return sheet


def texts(sheet: Worksheet) -> list[list[str]]:
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]


def heading_row(sheet: Worksheet, first: str = "Name") -> int:
    return next(row for row in range(1, 30) if sheet.cell(row, 1).value == first)


def test_the_block_above_the_list_says_what_a_facilitator_must_know() -> None:
    rows = texts(sheet_of(a_roster()))
    block = {row[0]: row[1] for row in rows[:9]}

    assert rows[0][0] == "Steward training, level 1"
    assert block["When"].startswith("Saturday 28 February to Sunday 1 March 2026, 9:00 to 16:00")
    assert block["Place"] == "Lakeside Community Hall, Thunder Bay"
    assert block["Facilitators"] == "Marguerite Beaulieu, Sam Whitefeather"
    assert block["Confirmed"] == "2 of 24"
    assert block["Needs"].replace("\u00a0", " ") == "Vegetarian meal (4), Child care (1)"
    assert block["To bring"] == "Flip chart, Name tags"
    assert "As of Thursday 26 February 2026 at 16:05" in block


def test_people_stand_under_their_headings_with_a_column_to_sign_for_each_day() -> None:
    sheet = sheet_of(a_roster())
    head = heading_row(sheet)
    rows = texts(sheet)[head - 1 :]

    assert rows[0][7:] == ["Sign-in Sat 28 Feb", "Sign-in Sun 1 Mar"]
    assert [row[0] for row in rows[1:]] == ["Person001 Lastname", "Person002 Lastname"]
    assert rows[1][4] == "+1 416 555 0100"
    assert all(row[7:] == ["", ""] for row in rows[1:])


@pytest.mark.parametrize("field", ["name", "local", "role", "email", "phone", "note", "status"])
def test_no_payload_becomes_a_formula_a_number_or_a_link(field: str) -> None:
    rows = tuple(a_person(**{field: payload}) for payload in FORMULA_PAYLOADS)
    sheet = sheet_of(a_roster(rows=rows))
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]

    assert len(FORMULA_PAYLOADS) >= 30
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_no_payload_in_the_block_becomes_a_formula() -> None:
    for payload in FORMULA_PAYLOADS:
        sheet = sheet_of(
            a_roster(
                title=payload,
                place=payload,
                host=payload,
                facilitators=(payload,),
                needs={payload: 2},
                bring=(payload,),
            )
        )
        types = {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value}
        assert types == {"s"}


def test_texts_that_look_like_numbers_dates_or_links_stay_texts() -> None:
    names = ["00123", "1e5", "2026-03-01", "TRUE", "https://example.org", "mailto:a@example.org"]
    sheet = sheet_of(a_roster(rows=tuple(a_person(name) for name in names)))
    head = heading_row(sheet)

    assert [sheet.cell(head + 1 + n, 1).value for n in range(len(names))] == names


def test_names_of_the_world_come_back_as_they_were_given() -> None:
    sheet = sheet_of(a_roster(rows=tuple(a_person(name) for name in NAMES_OF_THE_WORLD)))
    head = heading_row(sheet)
    names = [row[0] for row in texts(sheet)[head:]]

    assert names == NAMES_OF_THE_WORLD


def test_characters_that_xml_forbids_are_left_out() -> None:
    name = "A" + "".join(chr(code) for code in range(0x20) if chr(code) not in "\t\n\r") + "B"
    sheet = sheet_of(a_roster(rows=(a_person(name + "\ufffe\uffff\ud800"),)))

    assert sheet.cell(heading_row(sheet) + 1, 1).value == "AB\ufffd"


@settings(max_examples=40, deadline=None)
@given(text=st.text(min_size=1))
def test_any_text_can_be_written_and_the_book_still_opens(text: str) -> None:
    sheet = sheet_of(a_roster(title=text, rows=(a_person(text, note=text),)))

    assert sheet.cell(heading_row(sheet) + 1, 2).value == a_person().local


def test_the_headings_stay_in_sight_and_can_be_filtered() -> None:
    sheet = sheet_of(a_roster())
    head = heading_row(sheet)

    assert sheet.freeze_panes == f"B{head + 1}"
    assert sheet.auto_filter.ref == f"A{head}:I{head + 2}"


def test_the_sheet_prints_landscape_one_page_wide_with_its_headings_on_every_page() -> None:
    sheet = sheet_of(a_roster())
    head = heading_row(sheet)

    assert sheet.page_setup.orientation == "landscape"
    assert str(sheet.page_setup.paperSize) == "1"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (int(sheet.page_setup.fitToWidth or 1), int(sheet.page_setup.fitToHeight)) == (1, 0)
    assert sheet.print_title_rows == f"${head}:${head}"


def test_the_footer_asks_to_destroy_the_sheet_and_counts_the_pages() -> None:
    footer = sheet_of(a_roster(title="Rights & duties")).oddFooter

    assert footer.left.text == "Personal information: destroy after the workshop."
    assert footer.center.text.endswith("Saturday 28 February to Sunday 1 March 2026")
    assert footer.right.text == "Page &P of &N"


def test_a_long_title_with_ampersands_does_not_lose_the_footer() -> None:
    sheet = sheet_of(a_roster(title="A&B " * 200, language="fr"))

    assert "détruire" in sheet.oddFooter.left.text


def test_columns_are_wide_enough_to_read_and_to_sign() -> None:
    longest = "Wolfeschlegelsteinhausenbergerdorff"
    widths = sheet_of(a_roster(rows=(a_person(f"Kim {longest}"),))).column_dimensions

    assert widths["A"].width >= len(longest)
    assert widths["D"].width >= len(a_person().email)
    assert widths["H"].width >= 20


def test_a_line_is_eight_millimetres_high_on_paper_and_no_text_is_cut_off() -> None:
    long = a_person(local="Employees of the school boards of the north east " * 4)
    sheet = sheet_of(a_roster(rows=(a_person(), long)))
    head = heading_row(sheet)
    shown = [each.width for each in sheet.column_dimensions.values() if not each.hidden]
    on_paper = min(1, 720 / (sum(shown) * 5.5))  # Points, as a width in Calibri is printed.

    assert sheet.row_dimensions[head + 1].height * on_paper / 72 * 25.4 >= 8
    assert sheet.row_dimensions[head + 2].height >= 15 * len(long.local) / 28


def hidden_columns(roster: Roster) -> list[str]:
    sheet = sheet_of(roster)
    hidden = [each for each in sheet.column_dimensions.values() if each.hidden]
    numbers = [number for each in hidden for number in range(each.min, each.max + 1)]
    return [str(sheet.cell(heading_row(sheet), number).value) for number in numbers]


def test_a_column_that_says_nothing_is_hidden() -> None:
    rows = (a_person(role="", note=""), a_person(role="", note=""))

    assert hidden_columns(a_roster(rows=rows)) == ["Role", "Status", "Note"]
    rows = (a_person(role=""), a_person(status="waiting"))
    assert hidden_columns(a_roster(rows=rows)) == []


def test_a_french_roster_is_french_throughout() -> None:
    sheet = sheet_of(a_roster(language="fr"))
    head = heading_row(sheet, "Nom")

    assert sheet.title == "Personnes inscrites"
    assert sheet.cell(head, 9).value == "Signature dim. 1er mars"
    assert sheet.oddFooter.right.text == "Page &P sur &N"


def test_the_same_roster_gives_the_same_bytes() -> None:
    assert roster_xlsx(a_roster()) == roster_xlsx(a_roster())


def test_a_roster_without_people_or_days_still_opens() -> None:
    sheet = sheet_of(a_roster(rows=(), days=()))

    assert sheet.cell(heading_row(sheet), 7).value == "Note"


def test_a_thousand_people_are_a_thousand_rows() -> None:
    sheet = sheet_of(a_roster(rows=people(1000)))

    assert sheet.max_row == heading_row(sheet) + 1000
