"""Lets a process be told to stop when its parent is gone, even if that was killed.

Only Linux can do it; elsewhere the launcher clears up at its next start what it can.
"""

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1


def stop_with_parent() -> None:
    """Get SIGTERM when the process that forked this one ends; a program started here does too."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
