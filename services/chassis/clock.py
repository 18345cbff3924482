"""The clock: runs what is due, from rows with a due time, one process at a time by a lease."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, insert_new
from services.chassis.erasing import erase_the_asked
from services.chassis.health import RELAY, beat
from services.chassis.log import logger
from services.chassis.pausing import LOOK_EVERY_SECONDS, pause_file
from services.chassis.relay import relay, send_canary
from services.chassis.retention import forget_what_is_due
from services.chassis.service import Loop, Runtime
from services.contracts.plumbing import MOST_SENT_AT_ONCE

LEASE = timedelta(seconds=15)
BEAT_EVERY = timedelta(seconds=5)
PAUSE_AFTER_FAILURE = 1.0

log = logger(__name__)


class Lease(ChassisBase):
    """Who may run a loop, and until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(sa.String(40))
    until: Mapped[datetime]


def hold_lease(db: Session, name: str, owner: str, now: datetime) -> bool:
    """Take or keep the lease; False while another owner holds it.

    One that ends later than any does was taken before the machine's time was set back.
    """
    if insert_new(db, Lease, name=name, owner=owner, until=now + LEASE):
        return True
    is_free = sa.or_(Lease.until < now, Lease.until > now + 2 * LEASE)
    mine_or_free = sa.or_(Lease.owner == owner, is_free)
    result = db.execute(
        sa.update(Lease)
        .where(Lease.name == name, mine_or_free)
        .values(owner=owner, until=now + LEASE)
        .returning(Lease.name)
    )
    return result.first() is not None


def release_lease(db: Session, name: str, owner: str) -> None:
    """Let another owner take the lease at once."""
    db.execute(sa.delete(Lease).where(Lease.name == name, Lease.owner == owner))


def plumbing_loops() -> list[Loop]:
    """What every service's clock does beside its own work."""
    return [
        Loop(RELAY, 0.1, _relay),
        Loop("canary", 15.0, _canary),
        # Each loop shows at least once a minute that it lives; a look costs index lookups.
        Loop("retention", 30.0, forget_what_is_due),
        Loop("erasures", 2.0, erase_the_asked),
    ]


def loops_of(runtime: Runtime) -> list[Loop]:
    """All that a service's clock does."""
    return [*plumbing_loops(), *runtime.service.loops]


def run_clock(loops: Sequence[tuple[Runtime, Loop]], stop: threading.Event) -> None:
    """Run loops of services, each in a thread of its own, until `stop` is set."""
    threads = [
        threading.Thread(
            target=_Turn(runtime, loop, stop).run, name=f"{runtime.service.name}.{loop.name}"
        )
        for runtime, loop in loops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _relay(runtime: Runtime, now: datetime) -> int:
    """Go on at once only if more was due than one turn takes: what comes meanwhile leaves together.

    Otherwise a rush would be sent event by event, each for the price of a message.
    """
    sent = relay(runtime.database, runtime.celery, now)
    return sent if sent >= MOST_SENT_AT_ONCE else 0


def _canary(runtime: Runtime, now: datetime) -> int:
    with runtime.database.reading() as db:
        is_late = runtime.service.is_late(db, now)
    send_canary(runtime.celery, runtime.service.name, is_late=is_late, now=now)
    return 0


class _Turn:
    """One loop of one service in one thread: its lease, its heartbeat, its pauses."""

    def __init__(self, runtime: Runtime, loop: Loop, stop: threading.Event) -> None:
        self._runtime, self._loop, self._stop = runtime, loop, stop
        self._owner = str(uuid4())
        self._pause_file = pause_file(runtime.settings, runtime.service.name)
        self._lease_until = self._next_beat = datetime.min.replace(tzinfo=UTC)

    def run(self) -> None:
        pause = 0.0
        while not self._stop.wait(pause):
            is_paused = self._pause_file.exists()
            pause = self._rest() if is_paused else self._once(datetime.now(UTC))
        self._let_go(datetime.now(UTC))

    def _rest(self) -> float:
        """Let go of the lease, as whoever pauses a service may want to put its data back."""
        self._let_go(datetime.now(UTC))
        self._lease_until = datetime.min.replace(tzinfo=UTC)
        return LOOK_EVERY_SECONDS

    def _once(self, now: datetime) -> float:
        """One turn; returns how long to wait before the next, in seconds."""
        try:
            if self._loop.leased and not self._hold(now):
                return self._loop.every
            done = self._loop.step(self._runtime, now)
            self._beat(now)
        except Exception as problem:
            self._note(problem, now)
            return max(PAUSE_AFTER_FAILURE, self._loop.every)
        return 0.0 if done else self._loop.every

    def _hold(self, now: datetime) -> bool:
        """Renew the lease when half of it has passed."""
        if now + LEASE / 2 < self._lease_until:
            return True
        with self._runtime.database.writing() as db:
            held = hold_lease(db, self._loop.name, self._owner, now)
        if held:
            self._lease_until = now + LEASE
        return held

    def _let_go(self, now: datetime) -> None:
        """Give the lease back, so that the clock that follows need not wait for its end."""
        if now >= self._lease_until:
            return
        try:
            with self._runtime.database.writing() as db:
                release_lease(db, self._loop.name, self._owner)
        except sa.exc.SQLAlchemyError:
            log.exception("lease not released", loop=self._loop.name)

    def _beat(self, now: datetime) -> None:
        if now >= self._next_beat:
            beat(self._runtime.database, self._loop.name, now)
            self._next_beat = now + BEAT_EVERY

    def _note(self, problem: Exception, now: datetime) -> None:
        """Write down what went wrong where `doctor` and the health page find it."""
        name = self._runtime.service.name
        log.exception("clock loop failed", service=name, loop=self._loop.name)
        try:
            beat(self._runtime.database, self._loop.name, now, type(problem).__name__)
        except sa.exc.SQLAlchemyError:
            log.exception("heartbeat failed", service=name, loop=self._loop.name)
        self._next_beat = now
