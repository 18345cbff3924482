"""Delivery status notifications as mail servers send them (RFC 3464), read into reports."""

import hashlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import parsedate_to_datetime
from uuid import UUID

from services.notify.plain_text import one_line
from services.notify.reports import BLOCK, BOUNCE, Report
from services.notify.status_codes import is_no_such_address, status_in

UNREAD = "unread_bounce"
"""A bounce of a mail of ours whose reason is in prose only."""

LONGEST_WORDS, OLDEST_YEAR = 1000, 2000

_OURS = re.compile(r"<([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@[^<>\s]+>", re.IGNORECASE)
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = ("message/rfc822", "message/global", "message/global-headers")
_HEADERS_TYPE = "text/rfc822-headers"
_KINDS = {
    "failed": BOUNCE,
    "delayed": "deferred",
    "delivered": "delivered",
    "relayed": "processed",
    "expanded": "processed",
}


def read_bounce(content: bytes, now: datetime) -> Report | None:
    """What a mail server says of a mail of ours; None for any other message.

    A bounce in a server's own words alone is kept as `UNREAD`: it is not guessed from.
    """
    try:
        return _read(message_from_bytes(content), content, now)
    except RecursionError:  # Nested deeper than any bounce: somebody wants to stop us here.
        return None


def _read(message: Message, content: bytes, now: datetime) -> Report | None:
    statuses = [each for each in message.walk() if each.get_content_type() in _STATUS_TYPES]
    delivery_id = _delivery_id(message)
    if delivery_id is None or not (statuses or _is_from_a_server(message)):
        return None
    fields = _decisive(statuses)
    status = _field(fields, "Status").partition(" ")[0] if fields else ""
    words = _diagnosis(fields, status) if fields else _first_words(message)
    return Report(
        id=_name(message, content),
        kind=_kind(fields, words, status),
        at=_moment(message, now),
        delivery_id=delivery_id,
        words=one_line(words)[:LONGEST_WORDS],
    )


def _kind(fields: Message | None, words: str, status: str) -> str:
    """What became of the mail; a failure is the address's own only where the server says so."""
    kind = _KINDS.get(_field(fields, "Action").lower(), UNREAD) if fields else UNREAD
    is_of_this_mail = kind == BOUNCE and not is_no_such_address(words, status)
    return BLOCK if is_of_this_mail else kind


def _decisive(statuses: list[Message]) -> Message | None:
    """The block that says what became of the mail: a failure rather than anything else."""
    blocks = [block for each in statuses for block in _blocks(each) if block["Action"]]
    failed = [block for block in blocks if _field(block, "Action").lower() == "failed"]
    return next(iter([*failed, *blocks]), None)


def _blocks(status: Message) -> list[Message]:
    """The groups of fields; the standard library leaves those of RFC 6533 together."""
    found: list[Message] = []
    for group in _inside(status):
        rest = re.split(r"\r?\n\r?\n", _decoded(group))
        found += [group, *(message_from_string(each) for each in rest if each.strip())]
    return found


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if part.is_multipart() else []


def _diagnosis(fields: Message, status: str) -> str:
    """The status with what the server said, which often has it already."""
    said = re.sub(r"^\s*[\w-]+\s*;\s*", "", _field(fields, "Diagnostic-Code"))
    return said if status_in(said) else f"{status} {said}".strip()


def _first_words(message: Message) -> str:
    """The beginning of what a server says in prose."""
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            return _decoded(part)
    return str(message["Subject"] or "")


def _delivery_id(message: Message) -> UUID | None:
    """The delivery whose id is in the Message-ID that comes back with the bounce."""
    for text in _places(message):
        if found := _OURS.search(text):
            return UUID(found[1])
    return None


def _places(message: Message) -> Iterator[str]:
    """Where our id can be, the surest place first."""
    parts = list(message.walk())
    for part in parts:
        if part.get_content_type() in _STATUS_TYPES:
            for block in _blocks(part):
                yield f"<{_field(block, 'Original-Envelope-Id')}@envelope>"
                yield _field(block, "X-Original-Message-ID")
    for part in parts:
        if part.get_content_type() in _RETURNED_TYPES:
            yield from (_field(each, "Message-ID") for each in _inside(part))
        elif part.get_content_type() == _HEADERS_TYPE:
            yield _field(message_from_string(_decoded(part)), "Message-ID")
    yield from (_field(message, name) for name in ("In-Reply-To", "References"))
    yield from (_decoded(part) for part in parts if part.get_content_maintype() == "text")


def _is_from_a_server(message: Message) -> bool:
    """An answer from somebody's absence assistant quotes our mail as well, and is no bounce."""
    sender = _field(message, "From").lower()
    return "mailer-daemon@" in sender or "postmaster@" in sender


def _name(message: Message, content: bytes) -> str:
    """The same for the same notification, however often it is read."""
    own = _field(message, "Message-ID").strip().encode(errors="replace") or content
    return f"bounce-{hashlib.sha256(own).hexdigest()}"


def _moment(message: Message, now: datetime) -> datetime:
    """When it was written; a clock that runs ahead of ours, and nonsense, are not heard."""
    try:
        written = parsedate_to_datetime(_field(message, "Date"))
    except (ValueError, OverflowError):
        return now
    if written.year < OLDEST_YEAR:
        return now
    return min(written if written.tzinfo else written.replace(tzinfo=UTC), now)


def _field(message: Message, name: str) -> str:
    return str(message[name] or "").strip()


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        return payload.decode(part.get_content_charset("utf-8"), errors="replace")
    except (LookupError, ValueError):
        return payload.decode(errors="replace")
