"""Whether a web, worker or clock process of a service gets on, as container health checks ask."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection

import sqlalchemy as sa

from infra.readiness import listening_address
from services.chassis.config import Settings
from services.chassis.db import Database
from services.chassis.health import RELAY, STALE_AFTER, WORKER, Heartbeat

PROCESSES = ("web", "worker", "clock")
RECONCILE = "reconcile"
BEATS = {"worker": WORKER, "clock": RELAY, RECONCILE: RECONCILE}
"""By which heartbeat each process is known to get on; the nightly check's is registration's."""
_PATIENCE_SECONDS = 5


def problems_of(process: str, service: str, settings: Settings) -> list[str]:
    """What keeps this process of this service from its work; empty when nothing does."""
    if process == "web":
        return list(_web_problems(settings))
    with closing(_Beats(settings.database_urls[service])) as beats:
        return list(beats.problems(BEATS[process], process))


def _web_problems(settings: Settings) -> Iterator[str]:
    address = listening_address(settings)
    connection = HTTPConnection(address, settings.port, timeout=_PATIENCE_SECONDS)
    with closing(connection):
        try:
            connection.request("GET", "/healthz")
            if (status := connection.getresponse().status) != 200:
                yield f"web answers with {status}"
        except OSError as problem:
            yield f"web does not answer on port {settings.port} ({problem})"


class _Beats:
    """The heartbeats in one service's database."""

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def close(self) -> None:
        """Let go of the database."""
        self._database.dispose()

    def problems(self, name: str, process: str) -> Iterator[str]:
        """Why this heartbeat does not show progress."""
        try:
            with self._database.reading() as db:
                beat = db.get(Heartbeat, name)
        except sa.exc.DBAPIError as problem:
            yield f"database does not answer: {str(problem.orig).partition(chr(10))[0]}"
            return
        if beat is None:
            yield f"no {process} has been at work yet"
        elif (silent := datetime.now(UTC) - beat.at) > STALE_AFTER:
            yield f"{process} has not moved for {int(silent.total_seconds())} s"
