"""Mail through SendGrid, by its official library: one request for each person."""

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
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
    MailSettings,
    OpenTracking,
    ReplyTo,
    SandBoxMode,
    SubscriptionTracking,
    To,
    TrackingSettings,
)
from sendgrid.helpers.mail import Mail as Request

from services.chassis.config import SendGridOptions
from services.notify.failures import (
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
from services.notify.message import Attachment as File
from services.notify.message import Mail, subject_in_header
from services.notify.plain_text import one_line
from services.notify.transports.transport import SANDBOX

LONGEST_WISH = timedelta(hours=1)
_OUR_SETTINGS = (401, 403, 404, 405, 407)
"""A refused key or a wrong host; 408 is a server that lost patience. None is the mail's fault."""

_LONGEST_WORDS = 1000


class SendGrid:
    """SendGrid takes mail with 202; click and open tracking are off, as they leak our links."""

    patience = timedelta(minutes=10)

    def __init__(self, api_key: str, host: str, options: SendGridOptions | None = None) -> None:
        self._options = options or SendGridOptions()
        self._client = SendGridAPIClient(api_key, host=host)
        self._client.client.timeout = self._options.timeout  # Untold, it waits for ever.
        # The time-out is for each step of a request: two addresses to dial, TLS, the answer.
        self.longest_send = max(timedelta(minutes=2), timedelta(seconds=6 * self._options.timeout))

    def send(self, mail: Mail, now: datetime) -> str:
        """Post one mail; returns SendGrid's message id."""
        try:
            response = self._client.send(_request(mail, self._options))
        except HTTPError as problem:
            raise _failure(problem, now) from problem
        except URLError as problem:  # The request could not be sent off whole.
            words = f"SendGrid cannot be reached: {problem.reason}"
            raise ProviderResting(words) from problem
        except (OSError, HTTPException) as problem:
            raise OutcomeUnknown(f"No answer from SendGrid: {problem!r}") from problem
        return _receipt(response, self._options)


def _request(mail: Mail, options: SendGridOptions) -> Request:
    request = Request(
        from_email=Email(mail.sender.address, mail.sender.name),
        to_emails=To(mail.recipient.address, mail.recipient.name or None),
        subject=subject_in_header(mail.subject),
        plain_text_content=mail.text,
        html_content=mail.html,
    )
    if mail.reply_to is not None:
        request.reply_to = ReplyTo(mail.reply_to.address, mail.reply_to.name or None)
    for name, value in mail.headers.items():
        request.add_header(Header(name, value))
    if mail.calendar is not None:  # A third content reaches mail programs as an invitation.
        request.add_content(mail.calendar.content.decode(), _media_type(mail.calendar))
    for file in mail.attachments:
        request.add_attachment(_attachment(file))
    request.add_custom_arg(CustomArg("mail_id", str(mail.id)))
    request.tracking_settings = TrackingSettings(
        click_tracking=ClickTracking(enable=False, enable_text=False),
        open_tracking=OpenTracking(enable=False),
        subscription_tracking=SubscriptionTracking(enable=False),  # It adds a foreign footer.
    )
    if options.sandbox:
        request.mail_settings = MailSettings(sandbox_mode=SandBoxMode(enable=True))
    return request


def _attachment(file: File) -> Attachment:
    content = base64.b64encode(file.content).decode("ascii")
    return Attachment(content, file.filename, _media_type(file), "attachment")


def _media_type(file: File) -> str:
    """A calendar file keeps its method, by which mail programs know an invitation (RFC 6047)."""
    return f"{file.media_type}; method={file.method}" if file.method else file.media_type


def _receipt(response: Any, options: SendGridOptions) -> str:
    """SendGrid's id; any other answer than its own is from somebody in between."""
    if options.sandbox and response.status_code == HTTPStatus.OK:
        return SANDBOX
    if response.status_code != HTTPStatus.ACCEPTED:
        raise OutcomeUnknown(f"{response.status_code} is not how SendGrid takes a message.")
    return str(response.headers.get("X-Message-Id", ""))


def _failure(problem: HTTPError, now: datetime) -> TemporaryFailure | PermanentFailure:
    """The names of failure; a refused key is not the mail's fault, so the mail waits."""
    status, words = problem.status_code, f"{problem.status_code} {_words(problem.body)}"
    wish = _wished(problem.headers, now)
    if wish is not None and status in (429, 503):
        return ProviderResting(words, wish)
    if status in (408, 429) or status >= 500 or status in _OUR_SETTINGS:
        return TemporaryFailure(words, wish)
    return PermanentFailure(words)


def _words(body: bytes) -> str:
    """What SendGrid says is wrong, and with which field; whatever came where it is not SendGrid."""
    text = body.decode(errors="replace")
    try:
        errors = json.loads(text)["errors"]
        text = " ".join(_complaint(each) for each in errors) or text
    except (ValueError, TypeError, KeyError, AttributeError):
        pass  # A proxy's own page.
    return one_line(text)[:_LONGEST_WORDS]


def _complaint(error: dict[str, Any]) -> str:
    field = error.get("field")
    return f"{error['message']} ({field})" if field else str(error["message"])


def _wished(headers: Any, now: datetime) -> datetime | None:
    """When SendGrid wants to be asked again, by either of its two headers, within reason."""
    after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
    try:
        wish = _moment(after, reset, now)
    except (ValueError, OverflowError, OSError):  # Not a time that there is.
        return None
    return min(wish, now + LONGEST_WISH) if wish else None


def _moment(after: str, reset: str, now: datetime) -> datetime | None:
    if after.isdigit():
        return now + timedelta(seconds=int(after))
    if reset.isdigit():
        return datetime.fromtimestamp(int(reset), UTC)
    if not after:
        return None
    moment = parsedate_to_datetime(after)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
