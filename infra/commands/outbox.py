"""Commands about events on their way between the services."""

from datetime import UTC, datetime

import click

from infra.backup.healing import replay as send_again
from infra.refusal import Refusal
from services.chassis.config import read_settings
from services.contracts import SERVICES


@click.group()
def outbox() -> None:
    """Look after the events that the services send each other."""


@outbox.command()
@click.option("--since", required=True, help="The moment, as in 2026-11-25T06:00:00-05:00.")
@click.option(
    "--from", "producer", type=click.Choice(SERVICES), help="Only what this service has told."
)
@click.option(
    "--to", "subscriber", type=click.Choice(SERVICES), help="Only what this service was told."
)
def replay(since: str, producer: str | None, subscriber: str | None) -> None:
    """Send events again that were confirmed since a moment.

    For a service whose database was set back by other means than `turnout restore`, which does
    this by itself. What a service has seen changes nothing. The site may be running.
    """
    moment, settings = _moment(since), read_settings()
    for source in [producer] if producer else SERVICES:
        for target in [subscriber] if subscriber else SERVICES:
            if source != target:
                count = send_again(settings, source, target, moment, datetime.now(UTC))
                click.echo(f"{source} sends {target} {count} events again.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as problem:
        raise Refusal(
            f"--since: {text!r} is no moment like 2026-11-25T06:00:00-05:00."
        ) from problem
    if moment.tzinfo is None:
        raise Refusal(f"--since: {text!r} has no zone. Add Z for UTC, or -05:00.")
    return moment
