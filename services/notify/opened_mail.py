"""An Internet message taken apart as its reader sees it, and answers that show its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from io import BytesIO
from uuid import UUID

from flask import Response, abort, make_response, send_file

MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_NEW_WINDOW = '<head>\n<base target="_blank">'
_SAFE_TYPES = frozenset({"application/pdf", "application/ics", "text/calendar"})


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
    sender: str
    reply_to: str
    text: str
    html: str
    files: Sequence[File]


def opened(mail_id: UUID, content: bytes) -> OpenMail:
    """The parts of a delivery's message."""
    message = BytesParser(EmailMessage, policy=policy.default).parsebytes(content)
    return OpenMail(
        envelope=envelope_of(mail_id, message),
        sender=str(message["From"]),
        reply_to=str(message["Reply-To"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        files=[_file(each) for each in message.iter_attachments()],
    )


def envelope_of(mail_id: UUID, message: EmailMessage) -> Envelope:
    """What its headers alone tell."""
    return Envelope(
        id=mail_id,
        subject=str(message["Subject"]).strip(),
        recipient=str(message["To"]),
        sent_at=parsedate_to_datetime(message["Date"]),
    )


def html_answer(mail: OpenMail) -> Response:
    """The HTML part as the reader sees it."""
    return framed(mail.html)


def framed(html: str) -> Response:
    """The HTML of a mail to show in a frame, where it can do nothing; its links open elsewhere."""
    response = make_response(html.replace("<head>", _NEW_WINDOW, 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def file_answer(mail: OpenMail, number: int) -> Response:
    """An attachment to download, counted from 1."""
    if not 1 <= number <= len(mail.files):
        abort(404)
    file = mail.files[number - 1]
    return send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.name,
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
