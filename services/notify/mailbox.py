"""The mail folder, read as its reader would: the newest first, each with both parts and files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

PAGE = 25
_SAFE_TYPES = frozenset({"application/pdf", "text/calendar"})


@dataclass(frozen=True)
class Envelope:
    """What a list of mail shows of each."""

    id: UUID
    subject: str
    recipient: str
    sent_at: datetime


@dataclass(frozen=True)
class File:
    """An attachment."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class OpenMail:
    """One mail, taken apart."""

    envelope: Envelope
    text: str
    html: str
    files: Sequence[File]


def newest_mail(folder: Path, page: int) -> tuple[list[Envelope], bool]:
    """One page of the folder, counted from 1, and whether there are older ones behind it."""
    names = sorted((path for path in folder.glob("*.eml")), reverse=True)
    shown = names[(page - 1) * PAGE : page * PAGE]
    return [_envelope(path, _headers(path)) for path in shown], len(names) > page * PAGE


def open_mail(folder: Path, mail_id: UUID) -> OpenMail | None:
    """The mail of a delivery; None when it is not in the folder."""
    path = folder / f"{mail_id}.eml"
    if not path.exists():
        return None
    message = _message(path)
    return OpenMail(
        envelope=_envelope(path, message),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        files=[_file(each) for each in message.iter_attachments()],
    )


def _headers(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesHeaderParser(EmailMessage, policy=policy.default).parse(file)


def _message(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesParser(EmailMessage, policy=policy.default).parse(file)


def _envelope(path: Path, message: EmailMessage) -> Envelope:
    return Envelope(
        id=UUID(path.stem),
        subject=str(message["Subject"]).strip(),
        recipient=str(message["To"]),
        sent_at=parsedate_to_datetime(message["Date"]),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def _file(part: EmailMessage) -> File:
    found = part.get_content_type()
    return File(
        name=part.get_filename() or "file",
        media_type=found if found in _SAFE_TYPES else "application/octet-stream",
        content=_content(part),
    )


def _content(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""
