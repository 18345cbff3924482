"""The worker: the Celery tasks for what arrives in a service's queue, and its liveness."""

import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from celery import Celery, Task, signals
from kombu.message import Message
from marshmallow import ValidationError

from services.chassis.edge import Edge, set_up_edge
from services.chassis.health import WORKER, beat
from services.chassis.log import configure_logging, logger
from services.chassis.neighbours import hear
from services.chassis.outbox import confirm
from services.chassis.relay import SENT_AGAIN
from services.chassis.service import Runtime
from services.contracts import SERVICES, consumed_by
from services.contracts.plumbing import CANARY, EVENT_CONFIRMED, EVENTS_SENT

EXIT_FOR_RESTART = 75
CANARY_PATIENCE_SECONDS = 90

log = logger(__name__)


def run_worker(runtime: Runtime) -> None:
    """Work through the service's queue until told to stop."""
    name = runtime.service.name
    signals.setup_logging.connect(lambda **_: configure_logging(name), weak=False)
    Message.ack_log_error = _ack_or_leave  # type: ignore[method-assign]
    celery = make_worker(runtime)
    set_up_edge(celery, Edge(runtime))
    # Not by Celery's command line, which would load a shell of its own with ten megabytes.
    worker = celery.Worker(
        hostname=f"{name}@{platform.node()}",
        loglevel="INFO",
        pool_cls="solo",
        queues=[name],
        without_gossip=True,
        without_mingle=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


def make_worker(runtime: Runtime) -> Celery:
    """The service's Celery application with its tasks."""
    celery = runtime.celery
    watch = _CanaryWatch()
    signals.worker_ready.connect(lambda **_: watch.start(), weak=False)
    signals.task_prerun.connect(lambda **_: watch.heard(), weak=False)
    signals.task_rejected.connect(lambda **_: watch.heard(), weak=False)
    for contract in consumed_by(runtime.service.name):
        celery.task(_receiving(runtime), name=contract.type, bind=True, shared=False)
    celery.task(_receiving_together(runtime), name=EVENTS_SENT.type, bind=True, shared=False)
    celery.task(_confirming(runtime), name=EVENT_CONFIRMED.type, shared=False)
    celery.task(_hearing_canary(runtime), name=CANARY.type, shared=False)
    return celery


def _receiving(runtime: Runtime) -> Callable[[Task, Any], None]:
    def receive(task: Task, envelope: Any) -> None:
        again = bool(task.request.get(SENT_AGAIN))
        runtime.inbox.receive(envelope, datetime.now(UTC), again=again)

    return receive


def _receiving_together(runtime: Runtime) -> Callable[[Task, Any], None]:
    def receive(task: Task, message: Any) -> None:
        now = datetime.now(UTC)
        try:
            envelopes = EVENTS_SENT.load(message)["envelopes"]
        except ValidationError as problem:
            runtime.inbox.park(message, str(problem), now)
            return
        if task.request.get(SENT_AGAIN):  # The broker has, as whoever took it did not finish.
            for envelope in envelopes:
                runtime.inbox.receive(envelope, now, again=True)
        else:
            runtime.inbox.receive_together(envelopes, now)

    return receive


def _confirming(runtime: Runtime) -> Callable[[Any], None]:
    def confirmed(message: Any) -> None:
        try:
            data = EVENT_CONFIRMED.load(message)
        except ValidationError as problem:
            runtime.inbox.park(message, str(problem), datetime.now(UTC))
            return
        with runtime.database.writing() as db:
            confirm(db, data["subscriber"], data["event_ids"], datetime.now(UTC))

    return confirmed


def _hearing_canary(runtime: Runtime) -> Callable[[Any], None]:
    def canary(message: Any) -> None:
        beat(runtime.database, WORKER, datetime.now(UTC))
        try:
            told = CANARY.load(message)
        except ValidationError as problem:
            runtime.inbox.park(message, str(problem), datetime.now(UTC))
            return
        if told.get("service", runtime.service.name) in set(SERVICES) - {runtime.service.name}:
            with runtime.database.writing() as db:
                late = told.get("is_late", False)
                hear(db, told["service"], sent_at=told["sent_at"], is_late=late)

    return canary


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
