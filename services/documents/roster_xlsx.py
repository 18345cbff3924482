"""A roster as an Excel workbook in which every cell is text and the sheet is ready to print."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC
from textwrap import shorten, wrap
from typing import TYPE_CHECKING

from services.documents.dates import days_text
from services.documents.labels import Labels, labels_in
from services.documents.printable import one_line, printable
from services.documents.roster import CONFIRMED, Roster
from services.documents.roster_columns import cells, headings
from services.documents.roster_facts import as_of_text, bring_items, roster_facts

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_TEXT = {"num_format": "@", "valign": "vcenter", "text_wrap": True}
_WIDEST = (24, 26, 18, 34, 18, 14, 24)
_WIDEST_FOR_A_NAME = 44  # It is not broken within a word.
_SIGN_IN_WIDTH = 20
_LINE_HEIGHT = 15.0
_POINTS_IN_A_COLUMN = 5.9
"""How much of the paper's width one letter of a column's width takes, about."""
_PAPER_WIDTH = 720.0
_HEIGHT_TO_SIGN = 23.5
"""Points, a little over eight millimetres, which a line must have on paper."""
_LETTER = 1
_TITLE_IN_FOOTER, _DAYS_IN_FOOTER = 90, 60  # Excel drops a footer of more than 255 characters.
_TALLEST_ROW = 409  # Excel's own limit.
_LONGEST_CELL = 32_767  # Excel's own limit; the writer refuses longer cells.


def roster_xlsx(roster: Roster) -> bytes:
    """Write one sheet: what a facilitator must know, then a row for each person."""
    import xlsxwriter  # noqa: PLC0415 - as the typesetter, few processes need it.

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, _OPTIONS) as book:
        _describe(book, roster)
        sheet = book.add_worksheet(labels_in(roster.language)["roster"])
        heading_row = _write_block(book, sheet, roster)
        widths = _widths(roster)
        last_row = _write_table(book, sheet, roster, heading_row, widths)
        _prepare_screen(sheet, roster, heading_row, last_row, widths)
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


def _widths(roster: Roster) -> list[int]:
    """Give each column's width in letters, for what its texts need; 0 where none says anything."""
    columns = list(zip(headings(roster), *cells(roster), strict=True))
    people = [_width(texts, widest) for texts, widest in zip(columns, _WIDEST, strict=False)]
    names = (word for row in roster.rows for word in row.name.split())
    longest_name = max((len(word) for word in names), default=0)
    people[0] = max(people[0], min(longest_name, _WIDEST_FOR_A_NAME) + 2)
    for column in _idle_columns(roster):
        people[column] = 0
    return [*people, *(_SIGN_IN_WIDTH for _ in roster.days)]


def _width(texts: Iterable[str], widest: int) -> int:
    return min(max(len(text) for text in texts), widest) + 2


def _idle_columns(roster: Roster) -> list[int]:
    """Give the columns to hide: nobody has anything in them, or all are simply confirmed."""
    said = [
        (each.role, each.email, each.phone, each.status.replace(CONFIRMED, ""), each.note)
        for each in roster.rows
    ]
    return [number for number, texts in enumerate(zip(*said, strict=True), 2) if not any(texts)]


def _row_height(texts: Iterable[str], widths: list[int]) -> float:
    """Give the height in which all texts can be seen, and, on paper, be signed beside."""
    scale = min(1.0, _PAPER_WIDTH / (sum(widths) * _POINTS_IN_A_COLUMN))
    shown = [(text, width) for text, width in zip(texts, widths, strict=True) if width]
    lines = max(_line_count(text, width) for text, width in shown)
    return min(max(lines * _LINE_HEIGHT, _HEIGHT_TO_SIGN / scale), _TALLEST_ROW)


def _line_count(text: str, width: int) -> int:
    """How many lines a text takes in its column; most fit on one, and wrapping is slow."""
    return sum(
        max(1, len(wrap(line, width))) if len(line.expandtabs()) > width else 1
        for line in text.split("\n")
    )


def _write_table(
    book: Workbook, sheet: Worksheet, roster: Roster, heading_row: int, widths: list[int]
) -> int:
    """Write headings and people; return the number of the last row written."""
    heading = book.add_format(_TEXT | {"bold": True, "bg_color": "#E6E6E6", "border": 1})
    text = book.add_format(_TEXT | {"border": 1})
    for column, words in enumerate(headings(roster)):
        _write(sheet, heading_row, column, words, heading)
    sheet.set_row(heading_row, 2 * _LINE_HEIGHT)
    row = heading_row
    for row, texts in enumerate(cells(roster), start=heading_row + 1):
        sheet.set_row(row, _row_height(texts, widths))
        for column, words in enumerate(texts):
            _write(sheet, row, column, words, text)
    return row


def _prepare_screen(
    sheet: Worksheet, roster: Roster, heading_row: int, last_row: int, widths: list[int]
) -> None:
    last_column = len(headings(roster)) - 1
    sheet.freeze_panes(heading_row + 1, 1)
    sheet.autofilter(heading_row, 0, last_row, last_column)
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width or None, None, {"hidden": not width})
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 1}"})


def _prepare_print(sheet: Worksheet, roster: Roster, heading_row: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(_LETTER)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(heading_row)
    sheet.set_margins(left=0.5, right=0.5, top=0.5, bottom=0.75)
    sheet.set_footer(_footer(roster, labels_in(roster.language)))


def _footer(roster: Roster, labels: Labels) -> str:
    """Write the footer in Excel's code, in which an ampersand of a text must be doubled."""
    days = days_text([day.date for day in roster.days], roster.language)
    title = one_line(roster.title).replace("&", "&&")
    in_short = (
        shorten(title, _TITLE_IN_FOOTER, placeholder="…"),
        shorten(days, _DAYS_IN_FOOTER, placeholder="…"),
    )
    middle = ", ".join(part for part in in_short if part)
    pages = labels["page_of"].format(page="&P", pages="&N")
    return f"&L{labels['privacy']}&C{middle}&R{pages}"
