"""Supervisord, but that it is the launcher itself, from which processes of ours are forked."""

import os
import signal
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from supervisor.options import ServerOptions
from supervisor.supervisord import go

from infra.forking import become
from infra.supervision import turnout
from infra.welcome import say_if_heard

WEB = "web"
BEHIND_THE_WEB = 10
"""People wait for a page; for what worker and clock do nobody waits as impatiently."""


class _Options(ServerOptions):  # type: ignore[misc]
    """Supervisord's ways of doing things, but for how a child becomes its program."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def cleanup_fds(self) -> None:
        """Keep what the launcher has open, such as its lock on the data folder; no child has it."""

    def get_signal(self) -> int | None:
        """The next signal: where the terminal is closed we stop, and do not begin anew."""
        number: int | None = super().get_signal()
        if number == signal.SIGHUP:
            return signal.SIGTERM
        if number in (signal.SIGINT, signal.SIGTERM):
            say_if_heard(self._console, "Stopping …")
        return number

    def execve(self, filename: str, argv: list[str], env: Mapping[str, str]) -> None:
        """In the forked child: be a command of ours without loading it, or the other program."""
        start = turnout()
        if argv[: len(start)] == start:
            os.environ.update(env)
            command = argv[len(start) :]
            os.nice(0 if command[0] == WEB else BEHIND_THE_WEB)
            become(command)
        super().execve(filename, argv, env)


def supervise(configuration: Path, console: Console) -> None:
    """Run supervisord in this process until SIGINT, SIGTERM or SIGHUP; then all others are gone."""
    options = _Options(console)
    options.realize(["-c", str(configuration)], doc=__doc__)
    options.first, options.test = True, False
    go(options)
