"""The worker: the Celery tasks for what arrives in the queues of services, and its liveness."""

import os
import platform
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from celery import Celery, Task, signals
from kombu.message import Message
from marshmallow import ValidationError
from structlog.contextvars import bound_contextvars

from services.chassis.edge import Edge, set_up_edge
from services.chassis.health import WORKER, beat
from services.chassis.log import configure_logging, logger
from services.chassis.neighbours import hear
from services.chassis.outbox import confirm
from services.chassis.relay import SENT_AGAIN
from services.chassis.service import Runtime
from services.contracts import SERVICES, Contract, consumed_by
from services.contracts.plumbing import CANARY, EVENT_CONFIRMED, EVENTS_SENT

EXIT_FOR_RESTART = 75
CANARY_PATIENCE_SECONDS = 90

Work = Callable[[Runtime, Any, datetime, bool], None]
"""What a service does with a message; the last tells whether it was sent before."""

log = logger(__name__)


def run_worker(celery: Celery, runtimes: Sequence[Runtime]) -> None:
    """Work through the queues of these services until told to stop."""
    name, by_queue = celery.main, {each.service.name: each for each in runtimes}
    signals.setup_logging.connect(lambda **_: configure_logging(name), weak=False)
    Message.ack_log_error = _ack_or_leave  # type: ignore[method-assign]
    add_tasks(celery, by_queue)
    set_up_edge(celery, Edge(by_queue))
    # Not by Celery's command line, which would load a shell of its own with ten megabytes.
    worker = celery.Worker(
        hostname=f"{name}@{platform.node()}",
        loglevel="INFO",
        pool_cls="solo",
        queues=list(by_queue),
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


def add_tasks(celery: Celery, by_queue: Mapping[str, Runtime]) -> None:
    """Give a Celery application the tasks of these services; its queue says whose a message is."""
    watch = _CanaryWatch()
    signals.worker_ready.connect(lambda **_: watch.start(), weak=False)
    signals.task_prerun.connect(lambda **_: watch.heard(), weak=False)
    signals.task_rejected.connect(lambda **_: watch.heard(), weak=False)
    consumed = (each for name in by_queue for each in consumed_by(name))
    works: dict[str, Work] = {each.type: _receive for each in consumed} | _PLUMBING
    for name, work in works.items():
        celery.task(_for_its_service(work, by_queue), name=name, bind=True, shared=False)


def _for_its_service(work: Work, by_queue: Mapping[str, Runtime]) -> Callable[[Task, Any], None]:
    def run(task: Task, message: Any) -> None:
        request, name = task.request, task.request.delivery_info["routing_key"]
        with bound_contextvars(service=name):
            work(by_queue[name], message, datetime.now(UTC), bool(request.get(SENT_AGAIN)))

    return run


def _receive(runtime: Runtime, envelope: Any, now: datetime, again: bool) -> None:
    runtime.inbox.receive(envelope, now, again=again)


def _receive_together(runtime: Runtime, message: Any, now: datetime, again: bool) -> None:
    told = _read(runtime, EVENTS_SENT, message, now)
    if told is None:
        return
    if again:  # The broker has sent it again, as whoever took it did not finish.
        for envelope in told["envelopes"]:
            runtime.inbox.receive(envelope, now, again=True)
    else:
        runtime.inbox.receive_together(told["envelopes"], now)


def _confirm(runtime: Runtime, message: Any, now: datetime, _again: bool) -> None:
    told = _read(runtime, EVENT_CONFIRMED, message, now)
    if told is None:
        return
    with runtime.database.writing() as db:
        confirm(db, told["subscriber"], told["event_ids"], now)


def _hear_canary(runtime: Runtime, message: Any, now: datetime, _again: bool) -> None:
    beat(runtime.database, WORKER, now)
    told = _read(runtime, CANARY, message, now)
    if told is None:
        return
    if told.get("service", runtime.service.name) in set(SERVICES) - {runtime.service.name}:
        with runtime.database.writing() as db:
            late = told.get("is_late", False)
            hear(db, told["service"], sent_at=told["sent_at"], is_late=late)


def _read(
    runtime: Runtime, contract: Contract, message: Any, now: datetime
) -> dict[str, Any] | None:
    """What a message says; None where it cannot be read and has been parked."""
    try:
        return contract.load(message)
    except ValidationError as problem:
        runtime.inbox.park(message, str(problem), now)
        return None


_PLUMBING: dict[str, Work] = {
    EVENTS_SENT.type: _receive_together,
    EVENT_CONFIRMED.type: _confirm,
    CANARY.type: _hear_canary,
}


class _CanaryWatch:
    """Leaves when nothing at all has come for long: a worker can be alive and deaf.

    Every message counts, for in a long queue the canaries stand behind the others.
    A clock that is down costs a needless restart each time, which harms nothing.
    """

    def __init__(self) -> None:
        self._last = time.monotonic()

    def heard(self) -> None:
        self._last = time.monotonic()

    def start(self) -> None:
        self.heard()
        threading.Thread(target=self._watch, name="canary-watch", daemon=True).start()

    def _watch(self) -> None:
        while (silent := time.monotonic() - self._last) < CANARY_PATIENCE_SECONDS:
            time.sleep(CANARY_PATIENCE_SECONDS - silent)
        _leave("no canary came")


def _ack_or_leave(message: Message, _logger: Any, errors: Any, multiple: bool = False) -> None:
    """Leave a failed acknowledgement to the supervisor.

    Kombu would log it and keep the prefetch credit, after which the worker takes nothing more.
    """
    try:
        message.ack(multiple=multiple)
    except errors:
        _leave("cannot acknowledge")


def _leave(reason: str) -> None:
    """End this process at once; the supervisor starts it anew."""
    log.critical("worker leaves to be started anew", reason=reason)
    os._exit(EXIT_FOR_RESTART)
