"""Commands that make databases ready: their tables, and what a new site begins with."""

import click
from rich.console import Console

from infra.composition import opened
from infra.data_folder import refuse_unfinished
from infra.first_start import begin_site
from infra.migrations import migrate_all
from services.chassis.config import read_settings


@click.command()
@click.option(
    "--accept-key",
    is_flag=True,
    help="Take the present secret key for good, though links were signed with another.",
)
def migrate(*, accept_key: bool) -> None:
    """Bring the three databases up to date.

    Run it before starting a new version. It is safe to run at any time.
    """
    settings = read_settings()
    refuse_unfinished(settings)
    for name, revision in migrate_all(settings, accept_key=accept_key):
        click.echo(f"{name}: at {revision}")


@click.command()
@click.option(
    "--demo/--no-demo",
    default=False,
    show_default=True,
    help="Load the demonstration calendar when the site is new.",
)
def prepare(*, demo: bool) -> None:
    """Make a site ready to start: migrations, and its first staff account.

    `turnout run` does this by itself. A site that has staff accounts already is only migrated.
    """
    settings = read_settings()
    console = Console(highlight=False)
    with console.status("Preparing the databases …"):
        for _ in migrate_all(settings):
            pass
    with opened("catalog", settings) as catalog, opened("registration", settings) as registration:
        begin_site(catalog, registration, console, demo=demo)
