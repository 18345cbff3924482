"""One roster with every text of the corpora in every column, read again as its readers do."""

import csv
import io
import re
import unicodedata

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from services.documents.printable import one_line, printable
from services.documents.roster import Roster, RosterRow
from services.documents.roster_csv import roster_csv
from services.documents.roster_pdf import roster_pdf
from services.documents.roster_xlsx import roster_xlsx
from tests.hostile.corpora.everything import EVERYTHING, as_kept, some
from tests.hostile.corpora.names import NAMES_BY_LANGUAGE
from tests.hostile.effort import report
from tests.unit.documents.factories import a_roster

LONGEST_NAME = 200
CALCULATED = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
UNDRAWN = {
    *("Amharic", "Bengali", "Burmese", "Chinese, simplified", "Chinese, traditional", "Cree"),
    *("Gujarati", "Inuktitut", "Japanese", "Kannada", "Khmer", "Korean", "Malayalam", "Punjabi"),
    *("Sinhala", "Tamil", "Telugu", "Thai", "Tibetan", "Urdu"),
}
"""Whose letters the PDF's fonts have not, so that boxes are printed; XLSX and CSV have them."""
POINTED = {"Hebrew"}
"""Drawn right; but a letter with two points may be another one in the PDF's layer of text."""


def texts() -> list[str]:
    """What the forms let through, so what can be on a roster."""
    kept = [as_kept(text) for text in EVERYTHING if len(text) <= LONGEST_NAME]
    return [text for text in dict.fromkeys(kept) if text and printable(text) == text]


def roster_of(names: list[str]) -> Roster:
    rows = tuple(RosterRow(text, text, text, text, text, note=text) for text in names)
    return a_roster(
        rows=rows, title=names[0], place=names[1], host=names[2], bring=tuple(names[:9])
    )


@pytest.fixture(scope="module")
def names() -> list[str]:
    return texts()


def test_a_table_holds_each_text_and_no_formula(names: list[str]) -> None:
    page = roster_csv(roster_of(names)).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(page, newline="")))[1:]
    report("texts in CSV", len(names))
    assert len(table) == len(names)
    for text, row in zip(names, table, strict=True):
        for cell in row[:3]:
            assert not cell.startswith(CALCULATED), text
            assert without_guards(cell) == without_guards(text), text


def without_guards(cell: str) -> str:
    """A cell without the apostrophes that keep it from being calculated, wherever they stand."""
    return re.sub(r"(^|[;\t\r\n]\s*)'+(?=\s*\S)", r"\1", cell).strip("'")


def test_a_workbook_holds_each_text_as_it_is_and_no_formula(names: list[str]) -> None:
    book = load_workbook(io.BytesIO(roster_xlsx(roster_of(names))))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    assert [cell.value for cell in cells if cell.data_type != "s"] == []
    assert [cell for cell in cells if cell.hyperlink] == []
    first = [row[0].value for row in book.active.iter_rows() if row[0].value is not None]
    report("texts in XLSX", len(names))
    assert first[-len(names) :] == names


def test_a_sheet_of_paper_holds_each_name(names: list[str]) -> None:
    asked = [text for text in some(9) if as_kept(text) in names]
    shown = [one_line(as_kept(text)) for text in asked]
    paper = letters_of(read(roster_pdf(a_roster(rows=tuple(map(RosterRow, shown))))))
    lost = [text for text in shown if is_latin(text) and letters_of(text) not in paper]
    report("names in PDF", len(shown))
    assert lost == []


def test_paper_lacks_the_names_of_no_other_languages_than_those_known() -> None:
    rows = tuple(RosterRow(name) for name in NAMES_BY_LANGUAGE.values())
    paper = set(letters_of(read(roster_pdf(a_roster(rows=rows)))))
    lacking = {
        language
        for language, name in NAMES_BY_LANGUAGE.items()
        if not set(letters_of(name)) <= paper
    }
    assert lacking - POINTED == UNDRAWN


def read(pdf: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def letters_of(text: str) -> str:
    """Letters and digits alone: paper breaks lines, and its fonts join letters."""
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if unicodedata.category(char)[0] in "LN")


def is_latin(text: str) -> bool:
    return all(ord(char) < 0x250 for char in text)
