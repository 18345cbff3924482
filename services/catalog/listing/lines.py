"""Finding the date lines in a pasted text, also where a line break cuts one in two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.catalog.listing import writing
from services.catalog.listing.dates import (
    UnreadDate,
    only_date_words,
    opens_with_date,
    read_dates,
)
from services.catalog.listing.fees import is_fee, language_of
from services.catalog.listing.writing import Line

_MOST_PARTS = 4
_DASHES = ("-", "\u2013", "\u2014")


@dataclass(slots=True)
class Section:
    """A date line and the lines below it; before the first date line, `date_line` is ""."""

    line: int
    date_line: str
    parts: list[Line] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


def sections(text: str) -> Iterator[Section]:
    """Cut a text at its date lines; every line is in exactly one section."""
    lines = [_cells_apart(line) for line in writing.clean_lines(text)]
    section = Section(0, "")
    at = 0
    while at < len(lines):
        parts = _date_line_parts(lines, at)
        if parts:
            yield section
            written = [Line(at + ahead + 1, lines[at + ahead]) for ahead in range(parts)]
            section = Section(at + 1, " ".join(part.text for part in written if part.text), written)
        else:
            section.lines.append(Line(at + 1, lines[at]))
        at += parts or 1
    yield section


def _cells_apart(line: str) -> str:
    """Write a table row that tabs divide, and that opens with a whole date, with bars."""
    first, tab, _ = line.partition("\t")
    bars = tab and "|" not in line and _is_whole_date(first)
    line = line.replace("\t", " | " if bars else " ").replace("\uff5c", "|").replace("¦", "|")
    bare = line.lstrip("| ")
    return bare if line.startswith("|") and opens_with_date(bare) else line


def _is_whole_date(cell: str) -> bool:
    try:
        return opens_with_date(cell) and bool(read_dates(cell))
    except UnreadDate:
        return False


def _date_line_parts(lines: Sequence[str], at: int) -> int:
    """Count the lines that make up the date line which begins at `at`; 0 when none does."""
    if not opens_with_date(lines[at]):
        return 0
    text = lines[at]
    parts = 1
    while parts < _MOST_PARTS:
        more = _lines_that_go_on(text, lines[at + parts : at + parts + 2])
        if not more:
            break
        text = " ".join((text, *lines[at + parts : at + parts + more]))
        parts += more
    return parts if "|" in text else 0


def _lines_that_go_on(text: str, following: Sequence[str]) -> int:
    """Count the following lines, a blank one in between included, that go on with a date line."""
    if following[:1] == [""]:
        return 2 if len(following) == 2 and _opens_as_rest(text, following[1]) else 0
    if not following:
        return 0
    return 1 if _opens_as_rest(text, following[0]) or _is_rest(text, following[0]) else 0


def _opens_as_rest(text: str, following: str) -> bool:
    if following.startswith((",", "|")):
        return "|" in text or only_date_words(text)
    if "|" in text or not following.startswith(_DASHES):
        return False
    return only_date_words(text) and only_date_words(following.partition("|")[0])


def _is_rest(text: str, following: str) -> bool:
    if "|" not in text:
        cut_at_dash = text.endswith(_DASHES) or not opens_with_date(following)
        return "|" in following and only_date_words(text) and cut_at_dash
    if opens_with_date(following) or _has_language(text):
        return False
    cells = [cell.strip() for cell in following.split("|")]
    if len(cells) > 1:
        return True
    return text.endswith("|") and bool(language_of(cells[0]) or is_fee(cells[0]))


def _has_language(text: str) -> bool:
    return any(language_of(cell) for cell in text.split("|"))
