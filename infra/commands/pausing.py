"""The pause and resume commands: one service at rest while the others work."""

import click

from services.chassis import pausing
from services.chassis.config import read_settings
from services.contracts import SERVICES

SERVICE = click.argument("service", type=click.Choice(SERVICES))


@click.command()
@SERVICE
def pause(service: str) -> None:
    """Let one SERVICE rest for maintenance; the others go on.

    Within a second or two its pages say that they are away, its worker takes no event and its
    clock does nothing. What the others tell it waits. `turnout resume` ends it.
    """
    settings = read_settings()
    pausing.pause(settings, service)
    click.echo(f"{service} is paused. End it with `turnout resume {service}`.")


@click.command()
@SERVICE
def resume(service: str) -> None:
    """Let a SERVICE that was paused go on; it catches up by itself."""
    settings = read_settings()
    pausing.resume(settings, service)
    click.echo(f"{service} goes on.")
