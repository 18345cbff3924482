"""Comma-separated values that no spreadsheet program takes for formulas."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

from services.documents.printable import printable

BYTE_ORDER_MARK = "\ufeff"
"""What Excel wants at the beginning of a file in UTF-8, to read its accents."""

# The wide forms count as signs in East Asian editions of spreadsheet programs.
_SIGNS = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")
_FIRST = frozenset("\t\r\x00")
# A program set to semicolons (as French Canada's is) splits a quoted cell here, so that what
# follows starts a cell of its own.
_INNER_CELL = re.compile(r"([;\t\r\n]\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])")


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Write RFC 4180 with CRLF, every cell quoted and harmless."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return page.getvalue()


def _harmless(cell: str) -> str:
    """Put an apostrophe before whatever a spreadsheet program would calculate."""
    text = _INNER_CELL.sub(r"\1'", printable(cell))
    return f"'{text}" if _looks_like_a_formula(cell) else text


def _looks_like_a_formula(cell: str) -> bool:
    return cell[:1] in _FIRST or _first_visible(cell) in _SIGNS


def _first_visible(cell: str) -> str:
    """Skip white space, controls and invisible marks, which some programs drop before reading."""
    return next((char for char in cell if unicodedata.category(char)[0] not in "ZC"), "")
