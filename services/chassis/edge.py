"""The worker's edge: what the broker hands over is looked at before Celery makes anything of it.

Whoever can write to the broker could otherwise run our tasks, read our logs or stop our workers.
What is not sealed by this site is counted and dropped unread. What is sealed and yet none of our
messages, as after an upgrade of one side, is parked.
"""

import json
import time
from collections.abc import Callable, Container, Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from celery import Celery, signals
from celery.worker.consumer import Consumer
from celery.worker.control import Panel
from kombu.message import Message
from kombu.transport import redis, virtual

from services.chassis.keys import EVENTS, keys_for
from services.chassis.log import logger
from services.chassis.refusals import TOO_DEEP, TOO_LARGE, UNREADABLE, count_refusal
from services.chassis.relay import SENT_AGAIN
from services.chassis.seals import HEADER, Refused, check_seal
from services.chassis.service import Runtime
from services.contracts.storable import unstorable

LARGEST_MESSAGE = 4 * 1024 * 1024
"""In bytes. The largest of ours, the roster of ten thousand people, has some three million."""
_PAUSE_SECONDS = 1.0
_KEPT_PROPERTIES = ("body_encoding", "delivery_info", "delivery_tag")

log = logger(__name__)


class Unfit(Exception):
    """Why a sealed message cannot be one of ours, and what it holds."""

    def __init__(self, reason: str, content: Any) -> None:
        super().__init__(reason)
        self.content = content


class Edge:
    """Decides what passes from the queues of services to their tasks."""

    def __init__(self, by_queue: Mapping[str, Runtime]) -> None:
        self._by_queue, self._first = by_queue, next(iter(by_queue.values()))
        self._keys = keys_for(self._first.settings, EVENTS)

    def may_pass(self, message: Message, tasks: Container[str]) -> bool:
        """Whether a message is one of ours, of which only what is sealed is left.

        OperationalError when one that must be parked cannot be, as the database is away.
        """
        queue = message.delivery_info.get("routing_key")
        runtime = self._by_queue.get(queue) if isinstance(queue, str) else None
        if runtime is None:
            self.refuse(UNREADABLE)
            return False
        try:
            content = self._sealed_content(message, runtime.service.name)
            message.headers = _plain_headers(message.headers, content, tasks)
        except Refused as problem:
            self.refuse(problem.reason, runtime)
            return False
        except Unfit as problem:
            runtime.inbox.park(problem.content, str(problem), datetime.now(UTC))
            return False
        message.properties = {name: message.properties.get(name) for name in _KEPT_PROPERTIES}
        return True

    def refuse(self, reason: str, runtime: Runtime | None = None) -> None:
        """Count it where staff see it; a database that is away must not stop the worker.

        Logged when the count doubles, as a log can be flooded too. What nobody can tell the queue
        of is counted by the first of the services.
        """
        signals.task_rejected.send(sender=self, message=None, exc=None)
        try:
            with (runtime or self._first).database.writing() as db:
                count = count_refusal(db, reason, datetime.now(UTC))
        except sa.exc.SQLAlchemyError:
            log.exception("refusal not counted", reason=reason)
            return
        if count.bit_count() == 1:
            log.warning("message refused", reason=reason, count=count)

    def _sealed_content(self, message: Message, queue: str) -> Any:
        """What the message says; Refused unless this site has sealed it for this queue."""
        task, content = message.headers.get("task"), _content(message)
        if not isinstance(task, str):
            raise Refused(UNREADABLE)
        told = message.headers.get(HEADER)
        check_seal(self._keys, told, task=task, queue=queue, content=content)
        return content


def _content(message: Message) -> Any:
    """The one thing that a message of ours carries, and nothing that would run beside it."""
    raw = message.body or b""
    if message.content_type != "application/json" or message.content_encoding != "utf-8":
        raise Refused(UNREADABLE)
    if len(raw) > LARGEST_MESSAGE:
        raise Refused(TOO_LARGE)
    try:
        body = json.loads(raw)
    except RecursionError as problem:
        raise Refused(TOO_DEEP) from problem
    except ValueError as problem:
        raise Refused(UNREADABLE) from problem
    match body:
        case [[content], dict(named), dict(others)] if not named and not any(others.values()):
            return content
    raise Refused(UNREADABLE)


def _plain_headers(headers: dict[str, Any], content: Any, tasks: Container[str]) -> dict[str, Any]:
    """The name, the id, and whether it came before: Celery would obey what else it finds."""
    task, task_id = headers["task"], headers.get("id")
    if task not in tasks:
        raise Unfit("it is for no task of this worker", content)
    if not isinstance(task_id, str) or unstorable(task_id):
        raise Unfit("it has no id", content)
    if reason := unstorable(content):
        raise Unfit(f"it holds {reason}", content)
    hidden = {"argsrepr": "***", "kwargsrepr": "***"}
    again = headers.get(SENT_AGAIN) is True or headers.get("redelivered") is True
    return {"task": task, "id": task_id, "lang": "py", SENT_AGAIN: again, **hidden}


class _GuardedConsumer(Consumer):  # type: ignore[misc]
    """Celery's consumer, which sees only the messages that may pass."""

    edge: Edge

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Message], None]:
        hand_over = super().create_task_handler(*args, **kwargs)

        def receive(message: Message) -> None:
            try:
                fit = self.edge.may_pass(message, self.strategies)
            except sa.exc.OperationalError:
                log.warning("database busy or away, the message stays in the queue")
                time.sleep(_PAUSE_SECONDS)
                message.requeue()
                return
            if fit:
                hand_over(message)
            else:
                message.ack_log_error(log, self.connection_errors)

        return receive

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Drop what cannot be decoded; Celery would log it in full."""
        self.edge.refuse(UNREADABLE)
        message.ack_log_error(log, self.connection_errors)


class _PlainMessage(virtual.Message):
    """A message in the form that ours have; TypeError for any other.

    Kombu would unpack a compressed one before anybody could look at it.
    """

    def __init__(self, payload: Any, channel: Any = None, **more: Any) -> None:
        match payload:
            case {
                "body": str(),
                "headers": dict(headers),
                "properties": {"delivery_tag": str(), "delivery_info": dict()},
            } if "compression" not in headers:
                super().__init__(payload, channel=channel, **more)  # type: ignore[no-untyped-call]
            case _:
                raise TypeError("no message of ours")


class _GuardedChannel(redis.Channel):
    """Reads on after something in the queue that no client of a broker has written."""

    Message = _PlainMessage
    edge: Edge

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except RecursionError:
            self.edge.refuse(TOO_DEEP)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            self.edge.refuse(UNREADABLE)
        return True


class _NoCommands(dict[str, Callable[..., None]]):
    """Remote commands of any name, none of which does anything."""

    def __missing__(self, name: str) -> Callable[..., None]:
        return lambda *_given, **_named: None


def set_up_edge(celery: Celery, edge: Edge) -> None:
    """Put the edge before this process's worker, and take away its remote commands.

    Remote control itself stays on, for without it a worker goes deaf (decision 10); its commands,
    such as one that stops all workers, have no seal.
    """
    Panel.data = _NoCommands()
    celery.conf.worker_consumer = type("Consumer", (_GuardedConsumer,), {"edge": edge})
    redis.Transport.Channel = type("Channel", (_GuardedChannel,), {"edge": edge})  # type: ignore[assignment]
