"""The roster command: who is coming to a session, as a file."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import click

from infra.composition import opened
from infra.refusal import Refusal
from services.chassis.config import read_settings
from services.contracts.shapes import LANGUAGES
from services.documents.roster_csv import roster_csv
from services.documents.roster_pdf import roster_pdf
from services.documents.roster_xlsx import roster_xlsx
from services.registration.rosters import roster_of
from services.registration.seats import UnknownSession

FORMATS = {"csv": roster_csv, "xlsx": roster_xlsx, "pdf": roster_pdf}


@click.command()
@click.argument("session", type=click.UUID)
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    default="csv",
    show_default=True,
    help="What kind of file.",
)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="Of headings and dates.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; standard output when none is named.",
)
def roster(session: UUID, *, kind: str, language: str, output: Path | None) -> None:
    """Write the roster of a SESSION, which is the id at the end of its page's address."""
    with opened("registration", read_settings()) as registration:
        try:
            with registration.database.reading() as db:
                facts = roster_of(db, session, language=language, now=datetime.now(UTC))
        except UnknownSession as problem:
            raise Refusal(f"there is no session {session}.") from problem
    _write(FORMATS[kind](facts), output)


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as problem:
        raise Refusal(f"cannot write {output} ({problem.strerror}).") from problem
    click.echo(f"Written to {output}")
