"""How the command line says no: one line on standard error and an exit code."""

from typing import IO, Any

import click

FAILED = 1


class Refusal(click.ClickException):
    """Something that a person can put right; the message says what, and if need be how."""

    exit_code = FAILED

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the one line."""
        click.echo(f"turnout: {self.format_message()}", file=file, err=file is None)


class WrongSettings(Refusal):
    """The environment says something that cannot be; the message names the setting."""

    exit_code = 2
