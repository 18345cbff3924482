"""The run command: the whole site on this machine."""

import click
from rich.console import Console

from infra.local import run as run_site
from services.chassis.config import read_settings


@click.command()
@click.option(
    "--demo/--no-demo",
    default=True,
    show_default=True,
    help="Fill an empty data folder with a demonstration calendar of a fictional union.",
)
def run(*, demo: bool) -> None:
    """Run the whole site on this machine until Ctrl-C.

    Starts the broker, the web pages, the worker and the clock, and keeps them running. Everything
    is kept in the data folder (TURNOUT_DATA, `var` by default); what they log is in its folder
    `log`.
    """
    run_site(read_settings(), Console(highlight=False), demo=demo)
