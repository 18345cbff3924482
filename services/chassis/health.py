"""Health: heartbeats that prove progress, and what they say of a service."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, Database
from services.chassis.inbox import PARKED, InboxRow
from services.chassis.outbox import OutboxRow
from services.chassis.refusals import last_refusal

STALE_AFTER = timedelta(seconds=60)
OUTBOX_LATE_AFTER = timedelta(minutes=5)
REFUSALS_COUNT_FOR = timedelta(hours=1)
WORKER, RELAY = "worker", "relay"
HEARD = "heard "
"""Begins the name of a heartbeat that tells of another service."""

DATABASE, MIGRATIONS, PAUSED = "database", "migrations", "paused"
CLOCK, LOOP, WAITING, PARKED_EVENTS, REFUSED = "clock", "loop", "waiting", "parked", "refused"


class Heartbeat(ChassisBase):
    """When a worker or a loop of the clock last got somewhere, and its last error since."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
    error: Mapped[str] = mapped_column(sa.Text, default="")


@dataclass(frozen=True)
class Problem:
    """Something that keeps a service from its work: which cause, in a constant phrase."""

    cause: str
    told: str


@dataclass(frozen=True)
class Health:
    """What is wrong with a service; empty when all is well."""

    found: tuple[Problem, ...]
    outbox_waiting: int = 0
    parked: int = 0

    @property
    def problems(self) -> tuple[str, ...]:
        """The phrases alone."""
        return tuple(each.told for each in self.found)

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.found


def beat(database: Database, name: str, now: datetime, error: str = "") -> None:
    """Note progress, or the error that prevented it."""
    with database.writing() as db:
        db.merge(Heartbeat(name=name, at=now, error=error))


def read_health(database: Database, now: datetime, newest: str = "") -> Health:
    """Look at one service; `newest` is the revision that its database should be at.

    A database that does not answer, or is at another revision, is the only problem told.
    """
    try:
        with database.reading() as db:
            if newest and (at := _revision(db)) != newest:
                told = f"migrations are not at {newest} but at {at or 'none'}"
                return Health((Problem(MIGRATIONS, told),))
            return _read(db, now)
    except sa.exc.SQLAlchemyError as problem:
        told = f"database does not answer: {type(problem).__name__}"
        return Health((Problem(DATABASE, told),))


def _revision(db: Session) -> str:
    if not sa.inspect(db.connection()).has_table("alembic_version"):
        return ""
    return str(db.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")


def _read(db: Session, now: datetime) -> Health:
    waiting = sa.select(sa.func.count(), sa.func.min(OutboxRow.created_at)).where(
        OutboxRow.confirmed_at.is_(None)
    )
    count, oldest = db.execute(waiting).one()
    parked = db.scalar(
        sa.select(sa.func.count()).select_from(InboxRow).where(InboxRow.outcome == PARKED)
    )
    found = list(_heartbeat_problems(db, now))
    if oldest is not None and now - oldest > OUTBOX_LATE_AFTER:
        found.append(Problem(WAITING, "events are waiting longer than five minutes"))
    if parked:
        found.append(Problem(PARKED_EVENTS, "events are parked"))
    if last_refusal(db) > now - REFUSALS_COUNT_FOR:
        found.append(Problem(REFUSED, "messages were refused in the last hour"))
    return Health(tuple(found), count, parked or 0)


def _heartbeat_problems(db: Session, now: datetime) -> Iterator[Problem]:
    """Of a clock that does not move the relay tells, which every clock runs."""
    ours = sa.select(Heartbeat).where(~Heartbeat.name.startswith(HEARD))
    rows = {row.name: row for row in db.scalars(ours)}
    stale = {name for name, row in rows.items() if now - row.at > STALE_AFTER}
    if WORKER not in rows:
        yield Problem(WORKER, "no worker has answered yet")
    if RELAY not in rows:
        yield Problem(CLOCK, "no clock has been at work yet")
    for name, row in sorted(rows.items()):
        silent = int((now - row.at).total_seconds())
        if name in (WORKER, RELAY) and name in stale:
            process = WORKER if name == WORKER else CLOCK
            yield Problem(process, f"{process} has not moved for {silent} s")
        elif name in stale and RELAY not in stale:
            yield Problem(LOOP, f"{name} has not moved for {silent} s")
        elif row.error and name not in stale:
            yield Problem(LOOP, f"{name} fails: {row.error}")
