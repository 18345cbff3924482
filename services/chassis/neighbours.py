"""What a service hears of the others: that they live, and whether their own work is late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import table_of
from services.chassis.health import HEARD, Heartbeat
from services.chassis.outbox import OutboxRow
from services.contracts import SERVICES

SILENT_AFTER = timedelta(seconds=90)
LATE_AFTER = timedelta(minutes=2)
LATE = "late"
SILENT, UNHEARD = "silent", "unheard"


@dataclass(frozen=True)
class Delay:
    """What is behind between us and another service, and since when where that is known.

    `silent`: nothing has come from it; `unheard`: it has not taken up what we told it; `late`:
    it says itself that its work is late.
    """

    service: str
    kind: str
    since: datetime | None = None


def hear(db: Session, service: str, *, sent_at: datetime, is_late: bool) -> None:
    """Note a canary of another service: what it told us before that moment has arrived."""
    db.merge(Heartbeat(name=f"{HEARD}{service}", at=sent_at, error=LATE if is_late else ""))


def silent_since(db: Session, service: str, now: datetime) -> datetime | None:
    """Since when nothing has come from another service; None while it is heard, or never was."""
    return silence(db.scalar(sa.select(heard_at(service))), now)


def heard_at(service: str) -> sa.ScalarSelect[datetime]:
    """When something last came from another service, as part of a query."""
    heard = table_of(Heartbeat).c
    return sa.select(heard.at).where(heard.name == f"{HEARD}{service}").scalar_subquery()


def silence(heard: datetime | None, now: datetime) -> datetime | None:
    """Since when there is silence, if that is what it is by now."""
    return heard if heard is not None and now - heard > SILENT_AFTER else None


def delays(db: Session, own: str, now: datetime) -> list[Delay]:
    """All that is behind between this service and the others."""
    return [each for name in SERVICES if name != own for each in delays_with(db, name, now)]


def delays_with(db: Session, service: str, now: datetime) -> Iterator[Delay]:
    """What is behind between this service and one other."""
    heard = db.get(Heartbeat, f"{HEARD}{service}")
    if silent := silent_since(db, service, now):
        yield Delay(service, SILENT, silent)
    elif heard is not None and heard.error == LATE:
        yield Delay(service, LATE)
    waiting = sa.select(sa.func.min(OutboxRow.created_at)).where(
        OutboxRow.confirmed_at.is_(None), OutboxRow.subscriber == service
    )
    oldest = db.scalar(waiting)
    if oldest is not None and now - oldest > LATE_AFTER:
        yield Delay(service, UNHEARD, oldest)
