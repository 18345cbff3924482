"""Waiting for a fact instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
_PAUSE = 0.05


def eventually(check: Callable[[], Found], *, within: float = 5.0, every: float = _PAUSE) -> Found:
    """Repeat a check until its assertions hold; the last failure when they do not in time."""
    deadline = time.monotonic() + within
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(every)
