"""The `turnout` command: its list of commands, each loaded when it is wanted."""

import logging
from importlib import import_module
from typing import Any

import click

from infra.refusal import WrongSettings
from services.chassis.log import configure_logging
from services.chassis.wrong_setting import WrongSetting

COMMANDS = {
    "run": "running:run",
    "import": "listing:import_file",
    "staff": "staff:staff",
    "token": "staff:token",
    "roster": "roster:roster",
    "bounces": "bounces:bounces",
    "audit": "audit:audit",
    "person": "person:person",
    "doctor": "doctor:doctor",
    "reconcile": "reconcile:reconcile",
    "backup": "backup:backup",
    "restore": "restore:restore",
    "outbox": "outbox:outbox",
    "pause": "pausing:pause",
    "resume": "pausing:resume",
    "prepare": "databases:prepare",
    "migrate": "databases:migrate",
    "web": "web:web",
    "worker": "processes:worker",
    "clock": "processes:clock",
    "health": "health:health",
}
"""Each command's module in `infra.commands` and its name there.

Loading one module only keeps the small processes small: the clock needs no gunicorn and the
launcher no database.
"""


class _Commands(click.Group):
    """Commands by name, in the order of the list."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the command's module."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"infra.commands.{module}"), attribute)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a wrong setting is named in one line."""
        try:
            return super().invoke(ctx)
        except WrongSetting as problem:
            raise WrongSettings(str(problem)) from problem


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="turnout")
def turnout() -> None:
    """Turnout: workshop registration for unions.

    Start a site on this machine with `turnout run`. All settings come from the environment;
    the README has a table of them. `turnout COMMAND --help` explains each command.
    """
    configure_logging("turnout", logging.WARNING)
