"""The backup command: everything that a site needs to come back, while it runs."""

from datetime import UTC, datetime
from pathlib import Path

import click

from infra.backup.bars import shown_progress
from infra.backup.taking import forget_old, take_backup
from services.chassis.config import read_settings


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3650),
    help="Then delete the sets in FOLDER that are older than this.",
)
def backup(folder: Path, *, keep_days: int | None) -> None:
    """Write a backup set into FOLDER while the site runs.

    A set is a dated folder with a copy of each database, the messages where mail goes into a
    folder, and a manifest with numbers and checksums. A set that is broken off is never taken
    for a whole one. The secret key is not in it: keep that apart.
    """
    settings = read_settings()
    with shown_progress() as progress:
        made = take_backup(settings, folder, progress)
    click.echo(f"Written to {made}")
    click.echo(
        "The secret key is not in it. Without it, links in mail that was sent open nothing after "
        "a restore: keep a copy of TURNOUT_SECRET_KEY, or of "
        f"{settings.data / 'secret_key'}, in another safe place."
    )
    for old in forget_old(folder, keep_days, datetime.now(UTC)) if keep_days else ():
        click.echo(f"Deleted {old}, which is older than {keep_days} days")
