"""A roster as an Excel workbook in which every cell is text and the sheet is ready to print."""

import io
from datetime import UTC

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from services.documents.labels import Labels, labels_in
from services.documents.printable import one_line, printable
from services.documents.roster import Roster
from services.documents.roster_columns import cells, headings
from services.documents.roster_facts import as_of_text, bring_items, roster_facts

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_TEXT = {"num_format": "@", "valign": "vcenter", "text_wrap": True}
_PERSON_WIDTHS = (28, 28, 18, 32, 18, 15, 30)
_SIGN_IN_WIDTH = 22
_ROW_HEIGHT = 30
_LETTER = 1
_TITLE_IN_FOOTER = 80  # Excel drops a whole footer of more than 255 characters.
_LONGEST_CELL = 32_767  # Excel's own limit; the writer refuses longer cells.


def roster_xlsx(roster: Roster) -> bytes:
    """Write one sheet: what a facilitator must know, then a row for each person."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        _describe(book, roster)
        sheet = book.add_worksheet(labels_in(roster.language)["roster"])
        heading_row = _write_block(book, sheet, roster)
        last_row = _write_table(book, sheet, roster, heading_row)
        _prepare_screen(sheet, roster, heading_row, last_row)
        _prepare_print(sheet, roster, heading_row)
    return file.getvalue()


def _describe(book: Workbook, roster: Roster) -> None:
    """Date the file by its data, so that the same roster gives the same bytes."""
    created = roster.as_of.astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": one_line(roster.title), "created": created})


def _write(sheet: Worksheet, row: int, column: int, text: str, look: Format) -> None:
    sheet.write_string(row, column, printable(text)[:_LONGEST_CELL], look)


def _write_block(book: Workbook, sheet: Worksheet, roster: Roster) -> int:
    """Write title and facts; return the number of the row where the table's headings go."""
    title = book.add_format({"num_format": "@", "bold": True, "font_size": 16})
    label = book.add_format({"num_format": "@", "bold": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    _write(sheet, 0, 0, one_line(roster.title), title)
    lines = _block_lines(roster)
    for row, (name, said) in enumerate(lines, start=1):
        _write(sheet, row, 0, name, label)
        _write(sheet, row, 1, said, text)
    return len(lines) + 1


def _block_lines(roster: Roster) -> list[tuple[str, str]]:
    labels = labels_in(roster.language)
    bring = ", ".join(bring_items(roster))
    to_bring = [(labels["bring"], bring)] if bring else []
    return [*roster_facts(roster), *to_bring, (as_of_text(roster), "")]


def _write_table(book: Workbook, sheet: Worksheet, roster: Roster, heading_row: int) -> int:
    """Write headings and people; return the number of the last row written."""
    heading = book.add_format(_TEXT | {"bold": True, "bg_color": "#E6E6E6", "border": 1})
    text = book.add_format(_TEXT | {"border": 1})
    for column, words in enumerate(headings(roster)):
        _write(sheet, heading_row, column, words, heading)
    row = heading_row
    for row, texts in enumerate(cells(roster), start=heading_row + 1):
        sheet.set_row(row, _ROW_HEIGHT)
        for column, words in enumerate(texts):
            _write(sheet, row, column, words, text)
    return row


def _prepare_screen(sheet: Worksheet, roster: Roster, heading_row: int, last_row: int) -> None:
    last_column = len(headings(roster)) - 1
    sheet.freeze_panes(heading_row + 1, 1)
    sheet.autofilter(heading_row, 0, last_row, last_column)
    for column, width in enumerate(_PERSON_WIDTHS):
        sheet.set_column(column, column, width)
    if roster.days:
        sheet.set_column(len(_PERSON_WIDTHS), last_column, _SIGN_IN_WIDTH)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})


def _prepare_print(sheet: Worksheet, roster: Roster, heading_row: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(_LETTER)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heading_row)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.75)
    sheet.set_footer(_footer(roster, labels_in(roster.language)))


def _footer(roster: Roster, labels: Labels) -> str:
    """Write the footer in Excel's code, in which an ampersand of the title must be doubled."""
    title = one_line(roster.title)[:_TITLE_IN_FOOTER].replace("&", "&&")
    pages = labels["page_of"].format(page="&P", pages="&N")
    return f"&L{labels['privacy']}&C{title}&R{pages}"
