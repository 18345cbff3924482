"""Pausing a service for maintenance: a file in the data folder that its processes look for.

Its pages then answer that they are away, its clock runs nothing, and its worker takes no event;
what the others tell it waits with them.
"""

import os
import signal
import threading
import time
from pathlib import Path

from services.chassis.config import Settings
from services.chassis.log import logger

LOOK_EVERY_SECONDS = 1.0

log = logger(__name__)


def pause_file(settings: Settings, service: str) -> Path:
    """The file that is there while the service is paused."""
    return settings.data / "run" / f"paused-{service}"


def is_paused(settings: Settings, service: str) -> bool:
    """Whether the service is paused just now."""
    return pause_file(settings, service).exists()


def pause(settings: Settings, service: str) -> None:
    """Let the service's processes rest, within a second or two."""
    path = pause_file(settings, service)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def resume(settings: Settings, service: str) -> None:
    """Let them go on."""
    pause_file(settings, service).unlink(missing_ok=True)


def wait_while_paused(settings: Settings, service: str) -> None:
    """Return when the service is not, or no longer, paused."""
    if is_paused(settings, service):
        log.warning("paused", service=service)
    while is_paused(settings, service):
        time.sleep(LOOK_EVERY_SECONDS)


def leave_when_paused(settings: Settings, service: str) -> None:
    """End this process in order when the service is paused; whoever restarts it makes it wait."""

    def watch() -> None:
        while not is_paused(settings, service):
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="pause-watch", daemon=True).start()
