"""Supervisord, but that the processes of ours are forked from it and never executed."""

import os
from collections.abc import Mapping
from pathlib import Path

from supervisor.options import ServerOptions
from supervisor.supervisord import go

from infra.forking import become
from infra.process_title import set_process_title
from infra.supervision import turnout

WEB = "web"
BEHIND_THE_WEB = 10
"""People wait for a page; for what worker and clock do nobody waits as impatiently."""

_MOST_FILES = 256


class _Options(ServerOptions):  # type: ignore[misc]
    """Supervisord's ways of doing things, but for how a child becomes its program."""

    def execve(self, filename: str, argv: list[str], env: Mapping[str, str]) -> None:
        """In the forked child: be a command of ours without loading it, or the other program."""
        start = turnout()
        if argv[: len(start)] == start:
            os.environ.update(env)
            command = argv[len(start) :]
            os.nice(0 if command[0] == WEB else BEHIND_THE_WEB)
            become(command)
        super().execve(filename, argv, env)


def supervise(configuration: Path) -> None:
    """Run supervisord until it is told to stop, in a process that was forked for it.

    It has a session of its own: Ctrl-C reaches the launcher alone, which stops the others in
    order. What the launcher has open, such as its lock on the data folder, stays the launcher's.
    """
    os.setsid()
    os.closerange(3, _MOST_FILES)
    set_process_title("turnout supervisor")
    options = _Options()
    options.realize(["-c", str(configuration)], doc=__doc__)
    options.first, options.test = True, False
    go(options)
