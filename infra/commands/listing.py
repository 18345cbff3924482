"""The import command: an existing listing becomes drafts to review."""

from datetime import UTC, datetime
from typing import BinaryIO

import click
from rich.console import Console
from rich.table import Table

from infra.composition import opened
from infra.refusal import Refusal
from services.catalog.commands import import_listing
from services.catalog.importing import ImportItem, ImportReport, TooManyEntries
from services.catalog.listing import NotAListing
from services.chassis.config import read_settings
from services.chassis.service import Runtime

ACTOR = "command line"
REASONS = {
    "empty": "it is empty.",
    "no_date_line": "no line in it looks like `Feb 25, 2026 | Renfrew, Ontario | English`.",
    "too_many_entries": "it has more entries than anybody could review. Import it in parts.",
}


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
def import_file(file: BinaryIO, *, dry_run: bool) -> None:
    """Import a listing: plain text FILE, as copied from a web page (- reads standard input).

    Each dated entry becomes a draft that somebody reviews and publishes on the site. Importing
    the same listing again changes nothing; a changed one shows what changed.
    """
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise Refusal(f"{file.name} is not a text file in UTF-8.") from problem
    console = Console(highlight=False)
    with opened("catalog", read_settings()) as catalog, console.status("Reading the listing …"):
        report = _import(catalog, text, dry_run=dry_run)
    _show(report, console, dry_run=dry_run)


def _import(catalog: Runtime, text: str, *, dry_run: bool) -> ImportReport:
    now = datetime.now(UTC)
    database = catalog.database
    try:
        with database.reading() if dry_run else database.writing() as db:
            return import_listing(db, text, actor=ACTOR, now=now, dry_run=dry_run)
    except (NotAListing, TooManyEntries) as problem:
        reason = REASONS.get(problem.reason, problem.reason)
        raise Refusal(f"this listing cannot be imported: {reason}") from problem


def _show(report: ImportReport, console: Console, *, dry_run: bool) -> None:
    table = Table("", "Date", "Workshop", "To settle", title="Dry run" if dry_run else None)
    for item in report.items:
        table.add_row(item.kind, item.date_line, item.title, _open_questions(item))
    console.print(table)
    for line in report.left_over:
        console.print(f"Left over, line {line.line_number}: {line.text} ({line.reason})")
    counts = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in report.counts.items())
    console.print(f"{counts}." + (" Nothing was stored." if dry_run else ""))


def _open_questions(item: ImportItem) -> str:
    changed = [f"{each.field}: {each.old} → {each.new}" for each in item.changes]
    flags = [f"{flag['code']} {flag['detail']}".strip() for flag in item.flags]
    return "\n".join([*changed, *flags])
