"""Mail through SendGrid, by its official library: one request for each person."""

import base64
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import (
    Attachment,
    ClickTracking,
    CustomArg,
    Email,
    Header,
    OpenTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail import Mail as Request

from services.notify.failures import OutcomeUnknown, PermanentFailure, TemporaryFailure
from services.notify.message import Attachment as File
from services.notify.message import Mail
from services.notify.plain_text import one_line

TIMEOUT_SECONDS = 15.0
_KEY_REFUSED = (401, 403)


class SendGrid:
    """SendGrid takes mail with 202; click and open tracking are off, as they leak our links."""

    longest_send = timedelta(minutes=2)
    patience = timedelta(minutes=10)

    def __init__(self, api_key: str, host: str, timeout: float = TIMEOUT_SECONDS) -> None:
        self._client = SendGridAPIClient(api_key, host=host)
        self._client.client.timeout = timeout  # The library waits for ever unless it is told.

    def send(self, mail: Mail, now: datetime) -> str:
        """Post one mail; returns SendGrid's message id."""
        try:
            response = self._client.send(_request(mail))
        except HTTPError as problem:
            raise _failure(problem, now) from problem
        except URLError as problem:  # The request could not be sent off whole.
            raise TemporaryFailure(f"SendGrid cannot be reached: {problem.reason}") from problem
        except (OSError, HTTPException) as problem:
            raise OutcomeUnknown(f"No answer from SendGrid: {problem!r}") from problem
        return str(response.headers.get("X-Message-Id", ""))


def _request(mail: Mail) -> Request:
    request = Request(
        from_email=Email(mail.sender.address, mail.sender.name),
        to_emails=To(mail.recipient.address, mail.recipient.name or None),
        subject=one_line(mail.subject),
        plain_text_content=mail.text,
        html_content=mail.html,
    )
    for name, value in mail.headers.items():
        request.add_header(Header(name, value))
    for file in mail.attachments:
        request.add_attachment(_attachment(file))
    request.add_custom_arg(CustomArg("mail_id", str(mail.id)))
    request.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
    )
    return request


def _attachment(file: File) -> Attachment:
    content = base64.b64encode(file.content).decode("ascii")
    return Attachment(content, file.filename, file.media_type, "attachment")


def _failure(problem: HTTPError, now: datetime) -> TemporaryFailure | PermanentFailure:
    """The two names of failure; a refused key is not the mail's fault, so the mail waits."""
    words = f"{problem.status_code} {_words(problem.body)}"
    if problem.status_code == 429 or problem.status_code >= 500:
        return TemporaryFailure(words, _wished(problem.headers, now))
    if problem.status_code in _KEY_REFUSED:
        return TemporaryFailure(words)
    return PermanentFailure(words)


def _words(body: bytes) -> str:
    return one_line(body.decode(errors="replace"))[:1000]


def _wished(headers: Any, now: datetime) -> datetime | None:
    """When SendGrid wants to be asked again, by either of its two headers."""
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    if after.isdigit():
        return now + timedelta(seconds=int(after))
    if reset.isdigit():
        return datetime.fromtimestamp(int(reset), UTC)
    return _as_date(after)


def _as_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
