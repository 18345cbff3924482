"""Waits until the site answers and its services get on, by asking their health pages."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection, HTTPException

from services.chassis.config import Settings
from services.contracts import SERVICES

PATIENCE_SECONDS = 50
LASTING = ("events are parked", "events are waiting longer than five minutes")
"""Problems that a person has to look at; waiting for their end would be in vain."""

ASK_EVERY_SECONDS = 0.2
_ANSWER_SECONDS = 5


def wait_until_ready(settings: Settings, *, alive: Callable[[], bool] = lambda: True) -> list[str]:
    """Wait until the site is up, at most a while; returns the problems that are left."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while alive() and time.monotonic() < give_up_at:
        problems = site_problems(settings)
        if all(each.endswith(LASTING) for each in problems):
            return problems
        time.sleep(ASK_EVERY_SECONDS)
    return site_problems(settings)


def site_problems(settings: Settings) -> list[str]:
    """What the health pages of a site on this machine say."""
    return [f"{name}: {each}" for name in SERVICES for each in _problems(name, settings)]


def _problems(service: str, settings: Settings) -> Iterator[str]:
    connection = HTTPConnection(listening_address(settings), settings.port, timeout=_ANSWER_SECONDS)
    with closing(connection):
        try:
            connection.request("GET", f"/readyz/{service}")
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as problem:
            yield f"the web process does not answer ({problem})"
            return
    if answer.status not in (200, 503):
        yield f"the web process answers with {answer.status}"
        return
    health = json.loads(body)
    yield from health["problems"]
    if waiting := health["outbox_waiting"]:
        yield f"{waiting} events are on their way"


def listening_address(settings: Settings) -> str:
    """An address of this machine at which the web process can be reached."""
    return "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
