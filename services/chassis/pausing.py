"""Pausing a service for maintenance: a file in the data folder that its processes look for.

Its pages then answer that they are away, its clock runs nothing, and its worker takes no event;
what the others tell it waits with them.
"""

import os
import signal
import threading
import time
from collections.abc import Sequence
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


def wait_for_work(settings: Settings, services: Sequence[str]) -> list[str]:
    """Those of the services that are not paused; returns when there is one."""
    for service in services:
        if is_paused(settings, service):
            log.warning("paused", service=service)
    while not (awake := _awake(settings, services)):
        time.sleep(LOOK_EVERY_SECONDS)
    return awake


def leave_when_others_work(settings: Settings, services: Sequence[str], awake: list[str]) -> None:
    """End this process in order when other ones than these are to work.

    Whoever restarts it lets it begin with those.
    """

    def watch() -> None:
        while _awake(settings, services) == awake:
            time.sleep(LOOK_EVERY_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="pause-watch", daemon=True).start()


def _awake(settings: Settings, services: Sequence[str]) -> list[str]:
    return [each for each in services if not is_paused(settings, each)]
