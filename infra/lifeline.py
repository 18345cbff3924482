"""Lets a program be told to stop when its parent is gone, even if that was killed.

`python -m infra.lifeline PROGRAM ARGUMENT…`. Only Linux can do it; elsewhere the program is
started all the same, and the launcher clears up at its next start what it can.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def stop_with_parent() -> None:
    """Get SIGTERM when the process that forked this one ends; a program started here does too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main(command: list[str]) -> None:
    """Become the command."""
    stop_with_parent()
    os.execvp(command[0], command)  # noqa: S606 - there is no shell, and none is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
