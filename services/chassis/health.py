"""Health: heartbeats that prove progress, and what they say of a service."""

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
WORKER = "worker"


class Heartbeat(ChassisBase):
    """When a worker or a loop of the clock last got somewhere, and its last error since."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
    error: Mapped[str] = mapped_column(sa.Text, default="")


@dataclass(frozen=True)
class Health:
    """What is wrong with a service, as constant phrases with a name; empty when all is well."""

    problems: tuple[str, ...]
    outbox_waiting: int
    parked: int

    @property
    def ready(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def beat(database: Database, name: str, now: datetime, error: str = "") -> None:
    """Note progress, or the error that prevented it."""
    with database.writing() as db:
        db.merge(Heartbeat(name=name, at=now, error=error))


def read_health(database: Database, now: datetime) -> Health:
    """Look at one service; a database that does not answer is its first problem."""
    try:
        with database.reading() as db:
            return _read(db, now)
    except sa.exc.SQLAlchemyError as problem:
        return Health((f"database does not answer: {type(problem).__name__}",), 0, 0)


def _read(db: Session, now: datetime) -> Health:
    waiting = sa.select(sa.func.count(), sa.func.min(OutboxRow.created_at)).where(
        OutboxRow.confirmed_at.is_(None)
    )
    count, oldest = db.execute(waiting).one()
    parked = db.scalar(
        sa.select(sa.func.count()).select_from(InboxRow).where(InboxRow.outcome == PARKED)
    )
    problems = _heartbeat_problems(db, now)
    if oldest is not None and now - oldest > OUTBOX_LATE_AFTER:
        problems.append("events are waiting longer than five minutes")
    if parked:
        problems.append("events are parked")
    if last_refusal(db) > now - REFUSALS_COUNT_FOR:
        problems.append("messages were refused in the last hour")
    return Health(tuple(problems), count, parked or 0)


def _heartbeat_problems(db: Session, now: datetime) -> list[str]:
    rows = {row.name: row for row in db.scalars(sa.select(Heartbeat))}
    problems = [] if WORKER in rows else ["no worker has answered yet"]
    for row in rows.values():
        if now - row.at > STALE_AFTER:
            problems.append(f"{row.name} has not moved for {int((now - row.at).total_seconds())} s")
        elif row.error:
            problems.append(f"{row.name} fails: {row.error}")
    return problems
