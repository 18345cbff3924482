"""Messages as Celery's clients write them into a queue, and what others could write there."""

import base64
import json
from collections.abc import Sequence
from typing import Any

from services.chassis.ids import new_id
from services.chassis.keys import Key
from services.chassis.seals import HEADER, seal

TASK = "session.published.v1"
NO_OTHERS: dict[str, None] = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def a_message(body: Any, *, task: Any = TASK, **but: Any) -> str:
    """A message whose body is JSON, or the very bytes that are given."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    task_id = str(new_id())
    headers = {"lang": "py", "task": task, "id": task_id, "root_id": task_id, "retries": 0}
    message = {
        "body": base64.b64encode(raw).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": headers,
        "properties": {
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": "registration"},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": task_id,
        },
    }
    return json.dumps(message | but)


def sealed(message: str, keys: Sequence[Key], queue: str) -> str:
    """The message with the seal of who has the keys."""
    found = json.loads(message)
    [content], _named, _others = json.loads(base64.b64decode(found["body"]))
    found["headers"][HEADER] = seal(keys, found["headers"]["task"], queue, content)
    return json.dumps(found)


def with_headers(headers: Any, event: Any = None) -> str:
    return a_message([[event or {}], {}, NO_OTHERS], headers=headers)


CANARY = a_message([[{"sent_at": "2026-03-02T15:00:00Z"}], {}, NO_OTHERS], task="canary.v1")

NOT_MESSAGES: dict[str, str | bytes] = {
    "not JSON": "xx",
    "nothing": "",
    "an empty object": "{}",
    "a list": "[]",
    "a number": "5",
    "null": "null",
    "not UTF-8": b"\xff\xfe",
    "100,000 levels": "[" * 100_000,
    "headers of text": with_headers("x"),
    "no properties": a_message([[{}], {}, {}], properties=None),
    "a tag that is an object": a_message([[{}], {}, {}], properties={"delivery_tag": {}}),
}
"""Kombu can make nothing of these, so nothing is known that could be parked."""

_KEEPS_ON = {"task": TASK, "id": "1"}
REFUSED: dict[str, str] = {
    "no headers": with_headers({}),
    "headers that are a list": with_headers([], {"no": 9}),
    "a task that is an object": a_message([[{"no": 2}], {}, {}], task={"a": 1}),
    "a task that is null": a_message([[{"no": 3}], {}, {}], task=None),
    "a number": a_message(5),
    "text": a_message("x"),
    "null": a_message(b"null"),
    "no JSON": a_message(b"{"),
    "an empty body": a_message(b""),
    "another 100,000 levels": a_message(b"[" * 100_000),
    "two parts": a_message([[], {}]),
    "no arguments": a_message([[], {}, {}]),
    "three arguments": a_message([[{}, {}, {}], {}, {}]),
    "arguments that are null": a_message([None, {}, {}]),
    "arguments that are text": a_message(["ab", {}, {}]),
    "named arguments": a_message([[{"no": 5}], {"x": 1}, {}]),
    "null beside it": a_message([[{"no": 6}], {}, None]),
    "a chain of tasks": a_message([[{"no": 7}], {}, {"chain": [{"task": "canary.v1"}]}]),
    "a number of 5,000 digits": a_message(b"[[" + b"1" * 5_000 + b"], {}, {}]"),
    "pickle": a_message([[{}], {}, {}], **{"content-type": "application/x-python-serialize"}),
    "UTF-7": a_message([[{"no": 11}], {}, {}], **{"content-encoding": "utf-7"}),
    "nine million bytes": a_message(b'[["' + b"x" * 9_000_000 + b'"], {}, {}]'),
}
"""Nobody can have sealed these, for what they say cannot be told or goes beyond it."""

UNFIT: dict[str, str] = {
    "no id": with_headers({"task": TASK}),
    "an id that is an object": with_headers({"task": TASK, "id": {}}, {"no": 10}),
    "an unknown task": a_message([[{"no": 1}], {}, {}], task="nothing.v1"),
    "a task of Celery's own": a_message([[{"no": 4}], {}, {}], task="celery.chord_nothing"),
    "text for an event": a_message([["event"], {}, {}]),
    "not a number": a_message(b'[[{"a": NaN}], {}, {}]'),
    "a NUL": a_message([[{"a": "\0"}], {}, {}]),
    "half a surrogate pair": a_message([[{"a": "\ud800"}], {}, {}]),
    "a mark of a type": a_message([[{"__type__": "date", "__value__": "x"}], {}, {}]),
    "an event that is none": with_headers(_KEEPS_ON),
    "a confirmation that is none": a_message([[{"no": 8}], {}, {}], task="event.confirmed.v1"),
    "too many confirmed": a_message(
        [[{"subscriber": "notify", "event_ids": [str(new_id())] * 1_001}], {}, {}],
        task="event.confirmed.v1",
    ),
}
"""Each of these, sealed, is one message that is parked."""

OBEYED_BY_CELERY: dict[str, str] = {
    name: with_headers(_KEEPS_ON | headers)
    for name, headers in {
        "an hour that is none": {"eta": "garbage"},
        "an hour far ahead": {"eta": "9999-01-01T00:00:00"},
        "an end that is none": {"expires": "garbage"},
        "limits and numbers of text": {"timelimit": "x", "retries": "x", "reply_to": "x"},
        "stamps": {"stamped_headers": [1], "stamps": 1, "shadow": {}, "group": {}},
    }.items()
}
"""Headers that would be obeyed; without them it is the event that is none, parked already."""
