"""A roster as a sheet to print, sign and take along: letter paper, landscape, black on white."""

import json
from functools import cache
from importlib.resources import files
from typing import Literal

import typst

from services.documents.dates import short_day_text
from services.documents.labels import labels_in, status_text
from services.documents.printable import one_line, printable
from services.documents.roster import CONFIRMED, Roster, RosterRow
from services.documents.roster_facts import (
    as_of_text,
    bring_items,
    roster_facts,
    when_and_where,
)


def roster_pdf(roster: Roster) -> bytes:
    """Write a tagged PDF; the texts reach the template as data and are never read as markup."""
    try:
        return _typeset(roster, "ua-1")
    except typst.TypstError:
        # PDF/UA refuses a character that no bundled font can draw, an emoji say. The sheet is
        # then still tagged and shows a box in its place; any other fault is raised again here.
        return _typeset(roster, None)


def roster_picture(roster: Roster, *, dots_per_inch: int) -> bytes:
    """Draw the first page as a PNG image, to show what the sheet looks like."""
    pages = typst.compile(
        _template(),
        format="png",
        ppi=dots_per_inch,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"roster": json.dumps(_sheet(roster))},
    )
    return pages[0] if isinstance(pages, list) else pages


def _typeset(roster: Roster, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        _template(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"roster": json.dumps(_sheet(roster))},
        pdf_standards=standard,
        timestamp=int(roster.as_of.timestamp()),
    )


@cache
def _template() -> bytes:
    return files("services.documents").joinpath("roster.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Read the wheel's own fonts only, so that a sheet looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def _sheet(roster: Roster) -> dict[str, object]:
    """Give the template everything it prints, already in words."""
    return {
        "language": roster.language,
        "labels": labels_in(roster.language),
        "title": one_line(roster.title),
        "facts": roster_facts(roster),
        "when_and_where": when_and_where(roster),
        "bring": bring_items(roster),
        "days": [short_day_text(day.date, roster.language) for day in roster.days],
        "rows": [_row(row, roster.language) for row in roster.rows],
        "as_of": as_of_text(roster),
    }


def _row(row: RosterRow, language: str) -> dict[str, str]:
    """Give a person's lines; a state other than confirmed is said in the note."""
    status = "" if row.status == CONFIRMED else status_text(row.status, language)
    return {
        "name": one_line(row.name),
        "local": one_line(row.local),
        "role": one_line(row.role),
        "email": one_line(row.email),
        "phone": one_line(row.phone),
        "note": "; ".join(part for part in (status, printable(row.note).strip()) if part),
    }
