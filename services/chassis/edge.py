"""The worker's edge: what the broker hands over is looked at before Celery makes anything of it.

Celery and kombu trust their messages: one with a name that is no text would end the worker, come
back to the queue, and end the next one. Here such a message is parked and acknowledged.
"""

import json
import time
from collections.abc import Callable, Container
from typing import Any

import sqlalchemy as sa
from celery.worker.consumer import Consumer
from kombu.message import Message
from kombu.transport import redis

from services.chassis.log import logger
from services.contracts.storable import unstorable

LARGEST_MESSAGE = 8 * 1024 * 1024
"""In bytes. The largest of ours, the roster of ten thousand people, has some three million."""
_PAUSE_SECONDS = 1.0

log = logger(__name__)
Park = Callable[[Any, str], None]
"""Keeps a message and why it is none of ours where staff can see it."""


class Unfit(Exception):
    """Why a message cannot be one of ours, and what it holds."""

    def __init__(self, reason: str, content: Any) -> None:
        super().__init__(reason)
        self.content = content


class Channel(redis.Channel):
    """Reads on after something in the queue that no client of a broker has written."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as problem:
            log.critical("no message at all was in the queue", kind=type(problem).__name__)
            return True


def guarded_consumer(park: Park) -> type[Consumer]:
    """Celery's consumer, which sees only the messages that may pass."""

    class GuardedConsumer(Consumer):  # type: ignore[misc]
        def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Message], None]:
            hand_over = super().create_task_handler(*args, **kwargs)

            def receive(message: Message) -> None:
                try:
                    fit = may_pass(message, self.strategies, park)
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

    return GuardedConsumer


def may_pass(message: Message, tasks: Container[str], park: Park) -> bool:
    """Whether a message is one of ours, of which only what we use is left; if not, park it."""
    try:
        message.headers = _plain_headers(message, tasks)
    except Unfit as problem:
        park(problem.content, str(problem))
        return False
    return True


def _plain_headers(message: Message, tasks: Container[str]) -> dict[str, Any]:
    """The name and the id: Celery would obey what else it finds."""
    content = _content(message)
    headers = message.headers if isinstance(message.headers, dict) else {}
    task, task_id = headers.get("task"), headers.get("id")
    if not isinstance(task, str) or task not in tasks:
        raise Unfit("it is for no task of this worker", content)
    if not isinstance(task_id, str) or unstorable(task_id):
        raise Unfit("it has no id", content)
    hidden = {"argsrepr": "***", "kwargsrepr": "***"}
    return {"task": task, "id": task_id, "lang": "py", **hidden}


def _content(message: Message) -> Any:
    """The one thing that a message of ours carries."""
    raw = message.body or b""
    if message.content_type != "application/json" or message.content_encoding != "utf-8":
        raise Unfit("it is not JSON", repr(raw))
    if len(raw) > LARGEST_MESSAGE:
        raise Unfit("it is too large", len(raw))
    try:
        body = json.loads(raw)
    except (RecursionError, ValueError) as problem:
        raise Unfit("it is not JSON that can be read", repr(raw)) from problem
    try:
        [[content], named, others] = body
    except (TypeError, ValueError) as problem:
        raise Unfit("it carries something else than one event", repr(raw)) from problem
    if reason := unstorable(content):
        raise Unfit(f"it holds {reason}", content)
    if named or not isinstance(others, dict) or any(others.values()):
        raise Unfit("it carries more than one event", content)
    return content
