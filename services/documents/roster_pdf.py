"""A roster as a sheet to print, sign and take along: letter paper, landscape, black on white."""

import json
import subprocess
import sys
from importlib import import_module
from types import ModuleType

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

TYPESETTING = "services.documents.typesetting"
LONG_LIST = 400
"""More people than this are set in type in a process of their own."""


def roster_pdf(roster: Roster) -> bytes:
    """Write a tagged PDF; the texts reach the template as data and are never read as markup.

    Setting type takes 140 kB for each person, which a process that serves pages would never give
    back: a long list is given to a process that ends with it.
    """
    sheet, made_at = json.dumps(_sheet(roster)), int(roster.as_of.timestamp())
    if len(roster.rows) <= LONG_LIST:
        pdf: bytes = _typesetting().typeset(sheet, made_at)
        return pdf
    command = [sys.executable, "-P", "-m", TYPESETTING, str(made_at)]
    done = subprocess.run(command, input=sheet.encode(), stdout=subprocess.PIPE, check=True)  # noqa: S603
    return done.stdout


def roster_picture(roster: Roster, *, dots_per_inch: int) -> bytes:
    """Draw the first page as a PNG image, to show what the sheet looks like."""
    picture: bytes = _typesetting().drawn(json.dumps(_sheet(roster)), dots_per_inch)
    return picture


def _typesetting() -> ModuleType:
    """Loaded when it is wanted: it takes 7 MB, and few processes set type."""
    return import_module(TYPESETTING)


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
