"""A finished mail, and its form as an Internet message (RFC 5322 and MIME)."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import format_datetime
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.notify.failures import PermanentFailure
from services.notify.plain_text import one_line

LONGEST_NAME = 70
LONGEST_LINE = 998
UNSUBSCRIBE = "List-Unsubscribe"
_MISREAD_IN_NAMES = str.maketrans(dict.fromkeys('@:,;"<>\\', " "))


@dataclass(frozen=True)
class Mailbox:
    """A name and exactly one address."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """A file; `method` is the iCalendar method of a calendar file (RFC 6047)."""

    filename: str
    media_type: str
    content: bytes
    method: str = ""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """One mail to one person, ready for any transport; `id` is its delivery's.

    `written_at` is its date, aware.
    `calendar` is what the reader's mail program puts into their calendar by itself.
    `unsubscribe` is where the reader of an announcement ends them; other mail has none.
    """

    id: UUID
    written_at: datetime
    sender: Mailbox
    recipient: Mailbox
    language: str
    subject: str
    text: str
    html: str
    calendar: Attachment | None = None
    attachments: tuple[Attachment, ...] = ()
    reply_to: Mailbox | None = None
    unsubscribe: str = ""

    @cached_property
    def internet_form(self) -> bytes:
        """The mail as SMTP carries it, and as it is kept; made once, as it takes its time."""
        return internet_message(self).as_bytes()

    @property
    def headers(self) -> dict[str, str]:
        """What every transport adds: the same Message-ID at each attempt, and no auto-replies.

        An announcement can be ended with one click in the reader's mail program (RFC 8058).
        """
        host = self.sender.address.rpartition("@")[2]
        headers = {
            "Message-ID": f"<{self.id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, NRN, AutoReply, RN",
            "Content-Language": self.language,
        }
        if self.unsubscribe:
            headers[UNSUBSCRIBE] = f"<{self.unsubscribe}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return headers


def mailbox(name: str, address: str) -> Mailbox:
    """A person's mailbox, made safe for a header; PermanentFailure when it is not one address."""
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as problem:
        raise PermanentFailure(f"This is not an e-mail address: {problem}") from problem
    return Mailbox(name_in_header(name), checked.ascii_email or checked.normalized)


def name_in_header(name: str) -> str:
    """A name on one line, without the punctuation that some mail systems misread in names."""
    return _undecoded(one_line(name.translate(_MISREAD_IN_NAMES)))[:LONGEST_NAME]


def subject_in_header(subject: str) -> str:
    """A subject on one line, read as it was written."""
    return _undecoded(one_line(subject))


def _undecoded(text: str) -> str:
    """Keep mail programs from decoding what looks like a word of RFC 2047 but was typed so.

    What comes out of one may be a line end, and so another header.
    """
    return text.replace("=?", "= ?")


def internet_message(mail: Mail) -> EmailMessage:
    """The mail as SMTP carries it: text, HTML and calendar as alternatives, then the files."""
    is_plain = mail.subject.isascii() and mail.recipient.name.isascii()
    is_ascii = mail.recipient.address.isascii()
    message = EmailMessage(policy=_policy(is_ascii=is_ascii, is_plain=is_plain))
    message["From"] = _address(mail.sender)
    message["To"] = _address(mail.recipient)
    if mail.reply_to is not None:
        message["Reply-To"] = _address(mail.reply_to)
    message["Subject"] = subject_in_header(mail.subject)
    message["Date"] = format_datetime(mail.written_at)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is not None:
        _add_calendar(message, mail.calendar)
    for attachment in mail.attachments:
        _attach(message, attachment)
    for name, value in mail.headers.items():  # Last: the parts above take Content- headers along.
        message[name] = value
    return message


class _Line(str):
    """A header in letters of ASCII, written as it stands where its line is not too long.

    The standard library reads each header as a tree of words and writes it anew, which takes
    longer than all the rest of a mail and is of use for what must be encoded or folded alone.
    """

    name: str

    def __new__(cls, name: str, value: str) -> "_Line":
        line = super().__new__(cls, value)
        line.name = name
        return line

    def fold(self, *, policy: "Policy[Any]") -> str:
        """The header's line or lines.

        The address of List-Unsubscribe is never folded: the library would encode a long one,
        and mail programs do not undo that there.
        """
        line = f"{self.name}: {self}"
        if len(line) <= (policy.max_line_length or len(line)) or self.name == UNSUBSCRIBE:
            return f"{line}{policy.linesep}"
        return HeaderRegistry()(self.name, str(self)).fold(policy=policy)


class _Headers(HeaderRegistry):
    """The library's headers, of which those in ASCII are left as they are."""

    def __call__(self, name: str, value: Any) -> Any:
        """The header of this name."""
        text = str(value)
        return _Line(name, text) if text and text.isascii() else super().__call__(name, value)


_HEADERS = _Headers()


@cache
def _policy(*, is_ascii: bool, is_plain: bool) -> "EmailPolicy[EmailMessage]":
    """How headers are written, by whether the address and the words around it are ASCII.

    The standard library folds a long plain subject before its first word, so it need not fold.
    Words in encoded form must be folded: RFC 2047 wants them short.
    """
    chosen = policy.SMTP if is_ascii else policy.SMTPUTF8
    chosen = chosen.clone(header_factory=_HEADERS)
    return chosen.clone(max_line_length=LONGEST_LINE) if is_plain else chosen


def _address(box: Mailbox) -> Address:
    local, _, host = box.address.rpartition("@")
    return Address(box.name, local, host)


def _add_calendar(message: EmailMessage, calendar: Attachment) -> None:
    """The last alternative is where mail programs look for an invitation (RFC 6047, 2.4)."""
    method = {"method": calendar.method}
    message.add_alternative(calendar.content.decode(), subtype="calendar", params=method)


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    maintype, _, subtype = attachment.media_type.partition("/")
    method = {"method": attachment.method, "charset": "utf-8"} if attachment.method else {}
    message.add_attachment(
        attachment.content,
        maintype=maintype,
        subtype=subtype,
        filename=attachment.filename,
        params=method,
    )
