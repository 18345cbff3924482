"""Sends mail as the clock does, in a time of its own that runs faster; it may be killed any time.

The settings come from the environment. The arguments are the moment at which the season began,
in seconds since 1970, and how many times faster than ours its time runs.
"""

import sys
import time
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from services.chassis.config import read_settings
from services.chassis.service import start
from services.notify.app import SERVICE
from services.notify.sending import send_due

IDLE_SECONDS = 0.02


class FasterClock:
    """A time that began with the season and runs `speed` times faster than ours."""

    def __init__(self, began: float, speed: float) -> None:
        self._began, self._speed = began, speed

    def now(self) -> datetime:
        passed = timedelta(seconds=(time.time() - self._began) * self._speed)
        return datetime.fromtimestamp(self._began, UTC) + passed


def send_for_ever(clock: FasterClock) -> NoReturn:
    runtime = start(SERVICE, read_settings())
    while True:
        if not send_due(runtime, clock.now()):
            time.sleep(IDLE_SECONDS)


if __name__ == "__main__":
    send_for_ever(FasterClock(float(sys.argv[1]), float(sys.argv[2])))
