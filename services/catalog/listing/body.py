"""What stands below a date line: title, description, NOTE lines and trailing page text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from services.catalog.listing import writing
from services.catalog.listing.times import cut_times
from services.catalog.listing.writing import Line

_BRING = re.compile(
    r"\b(?:bring(?! (?:together|about|up|forward|change))|apporte[rz]?\b)", re.IGNORECASE
)
_OPENS_WITH_BRING = re.compile(
    r"(?:please bring|what to bring|veuillez apporter|prière d['\u2019]apporter|à apporter)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """The text of an entry, each line of it in exactly one place; all but the title Markdown."""

    title: str
    description: str
    bring: str
    notes: str


def read_body(lines: Sequence[Line]) -> Body:
    """Sort the lines below a date line; raises nothing and drops nothing."""
    title, rest = _without_title(writing.joined_bullets(lines))
    described, notes = _apart(rest)
    written = [writing.markdown(note) for note in notes]
    bring = [note for note in written if _BRING.search(note)]
    others = [note for note in written if not _BRING.search(note)]
    return Body(title, writing.markdown(described), "\n\n".join(bring), "\n\n".join(others))


def trailing_lines(lines: Sequence[Line]) -> int:
    """Count the last lines of the last entry that are the foot of the page.

    They stand apart by a blank line, below other text of the entry; they are short, and
    neither sentences nor a day plan.
    """
    count = 0
    for start in reversed(_block_starts(lines)):
        block = lines[start : len(lines) - count]
        if not all(_may_be_foot(line.text) for line in block if line.text):
            break
        count = len(lines) - start
    return count


def _may_be_foot(text: str) -> bool:
    """Say whether a line could be the foot of a page; a day plan with its times is none."""
    return writing.is_fragment(text) and not cut_times(text)[1]


def _block_starts(lines: Sequence[Line]) -> list[int]:
    """Return where text begins below a blank line, the first text of all left out."""
    starts = [
        at for at, line in enumerate(lines) if line.text and (at == 0 or not lines[at - 1].text)
    ]
    return starts[1:]


def _without_title(lines: Sequence[Line]) -> tuple[str, Sequence[Line]]:
    first = next((at for at, line in enumerate(lines) if line.text), len(lines))
    if first == len(lines):
        return "", []
    following = lines[first + 1].text if first + 1 < len(lines) else ""
    title = writing.title_of(lines[first].text, following)
    return title, lines[first + 1 :] if title else lines[first:]


def _apart(lines: Sequence[Line]) -> tuple[list[Line], list[list[Line]]]:
    """Take the notes out of the description, each with the lines that belong to it."""
    described: list[Line] = []
    notes: list[list[Line]] = []
    note: list[Line] | None = None
    for line in lines:
        opening = None if note and _is_bare_label(note, line) else _opened_note(line)
        if opening is not None:
            note = [opening]
            notes.append(note)
            described.append(Line(line.number, ""))
        elif note is not None and _belongs(note, line):
            note.append(line)
        else:
            note = None
            described.append(line)
    return described, [_without_bare_label(note) for note in notes]


def _without_bare_label(note: list[Line]) -> list[Line]:
    """Drop a label that stands alone above its text."""
    alone = len(note) > 1 and writing.without_note_label(note[0].text) == ""
    return note[1:] if alone and any(line.text for line in note[1:]) else note


def _opened_note(line: Line) -> Line | None:
    said = writing.without_note_label(line.text)
    if said is not None:
        return Line(line.number, said or line.text)
    return line if _OPENS_WITH_BRING.match(line.text) else None


def _is_bare_label(note: Sequence[Line], following: Line) -> bool:
    """Say whether a note is only its label so far, and the next line no other label."""
    if len(note) > 1 or not following.text:
        return False
    alone = writing.without_note_label(note[0].text) == ""
    return alone and writing.without_note_label(following.text) is None


def _belongs(note: Sequence[Line], line: Line) -> bool:
    """Say whether a line goes on with a note: its list, or a sentence cut by a line break."""
    last = next(before.text for before in reversed(note) if before.text)
    in_list = writing.without_bullet(last) is not None
    opens_list = last.endswith(":") or in_list
    if not line.text:
        return opens_list
    if writing.without_bullet(line.text) is not None:
        return opens_list
    if not note[-1].text:
        return False
    return writing.wraps(last, line.text) or (len(note) == 1 and last.endswith(":"))
