"""The health command: what a container's health check runs."""

import click

from infra.progress import PROCESSES, RECONCILE, problems_of
from infra.refusal import FAILED
from services.chassis.config import read_settings
from services.contracts import SERVICES


@click.command()
@click.argument("service", type=click.Choice(SERVICES))
@click.option(
    "--of",
    "process",
    type=click.Choice([*PROCESSES, RECONCILE]),
    help="Look at this process only, as its container's health check does.",
)
def health(service: str, process: str | None) -> None:
    """Tell whether one SERVICE gets on; the exit code is 1 when it does not.

    A process that is there but no longer gets anywhere counts as ill: the worker must have
    heard from its queue, and the clock must have moved, within the last minute.
    """
    settings = read_settings()
    wanted = [process] if process else PROCESSES
    problems = [problem for each in wanted for problem in problems_of(each, service, settings)]
    for problem in problems:
        click.echo(f"{service}: {problem}")
    if problems:
        raise SystemExit(FAILED)
    click.echo(f"{service}: ok")
