"""A roster as comma-separated values that no spreadsheet program takes for formulas."""

import csv
import io
import re
import unicodedata

from services.documents.printable import printable
from services.documents.roster import Roster
from services.documents.roster_columns import cells, headings

# The wide forms count as signs in East Asian editions of spreadsheet programs.
_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_FIRST = frozenset("\t\r\x00")
# A program set to semicolons (as French Canada's is) splits a quoted cell here, so that what
# follows starts a cell of its own.
_INNER_CELL = re.compile(r"([;\t\r\n]\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def roster_csv(roster: Roster) -> bytes:
    """Write RFC 4180 with CRLF, every cell quoted, in UTF-8 with the mark that Excel looks for."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(headings(roster))
    writer.writerows([_harmless(cell) for cell in row] for row in cells(roster))
    return page.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """Put an apostrophe before whatever a spreadsheet program would calculate."""
    text = _INNER_CELL.sub(r"\1'", printable(cell))
    return f"'{text}" if _looks_like_a_formula(cell) else text


def _looks_like_a_formula(cell: str) -> bool:
    return cell[:1] in _FIRST or _first_visible(cell) in _SIGNS


def _first_visible(cell: str) -> str:
    """Skip white space, controls and invisible marks, which some programs drop before reading."""
    return next((char for char in cell if unicodedata.category(char)[0] not in "ZC"), "")
