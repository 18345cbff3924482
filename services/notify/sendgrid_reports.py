"""SendGrid's Event Webhook: what a batch of its reports says, read from JSON."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.notify.plain_text import one_line
from services.notify.reports import BLOCK, BOUNCE, Report

_LONGEST_ID, _LONGEST_KIND, _LONGEST_WORDS = 200, 40, 1000


class NotReports(Exception):
    """The body is no list of events."""


def read_reports(body: bytes, now: datetime) -> list[Report]:
    """The reports of one batch; NotReports when it is none.

    Of a single event nothing is demanded: one that says nothing useful must not have the whole
    batch sent again for a day.
    """
    try:
        events = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise NotReports from problem
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        raise NotReports
    return [_report(event, now) for event in events]


def _report(event: dict[str, Any], now: datetime) -> Report:
    return Report(
        id=_id(event),
        kind=_kind(event),
        at=_moment(event.get("timestamp"), now),
        delivery_id=_uuid(event.get("mail_id")),
        words=_text(event, "reason", _LONGEST_WORDS) or _text(event, "response", _LONGEST_WORDS),
    )


def _kind(event: dict[str, Any]) -> str:
    """Its name; a refusal for this time only is a bounce to SendGrid, of the type `blocked`."""
    kind = _text(event, "event", _LONGEST_KIND)
    return BLOCK if kind == BOUNCE and event.get("type") == "blocked" else kind


def _id(event: dict[str, Any]) -> str:
    """SendGrid's own, or else the content's digest, which tells a repetition apart as well."""
    given = event.get("sg_event_id")
    if isinstance(given, str) and given and given == _text(event, "sg_event_id", _LONGEST_ID):
        return given
    content = json.dumps(event, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _text(event: dict[str, Any], name: str, most: int) -> str:
    """A field's text as a database can keep it; other values than texts say nothing."""
    value = event.get(name)
    if not isinstance(value, str):
        return ""
    return one_line(value.encode(errors="replace").decode())[:most]


def _moment(value: object, now: datetime) -> datetime:
    """Unix seconds; the time of arrival where they are none, or cannot be."""
    if not isinstance(value, int) or not 0 <= value < now.timestamp():
        return now
    return datetime.fromtimestamp(value, UTC)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
