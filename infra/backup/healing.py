"""What a restored database has missed: what the others told it since is sent to it again."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from infra.composition import opened
from services.chassis.config import Settings
from services.chassis.database_facts import RESTORED, note_fact
from services.chassis.outbox import send_again
from services.contracts import SERVICES

MARGIN = timedelta(minutes=10)
"""How far the clocks of two services' machines may be apart; what comes twice does no harm."""


def heal(
    settings: Settings, restored: Mapping[str, datetime], now: datetime
) -> Iterator[tuple[str, str, int]]:
    """Let the services agree again; `restored` says which is of what moment by now.

    Gives for each pair how many events of the first are sent to the second again.
    """
    for name in SERVICES:
        with opened(name, settings) as runtime, runtime.database.writing() as db:
            for service, moment in restored.items():
                note_fact(db, f"{RESTORED} {service}", moment.isoformat(), now)
                if service != name:
                    yield name, service, send_again(db, service, moment - MARGIN, now)
                runtime.service.after_restore(db, service, now)


def replay(
    settings: Settings, producer: str, subscriber: str, since: datetime, now: datetime
) -> int:
    """Send a subscriber again what it has confirmed since a moment; returns how many events."""
    with opened(producer, settings) as runtime, runtime.database.writing() as db:
        return send_again(db, subscriber, since, now)
