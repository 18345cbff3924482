"""A finished mail, and its form as an Internet message (RFC 5322 and MIME)."""

from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.notify.failures import PermanentFailure
from services.notify.plain_text import one_line

LONGEST_NAME = 70
LONGEST_LINE = 998
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
    """One mail to one person, ready for any transport; `id` is its delivery's."""

    id: UUID
    sender: Mailbox
    recipient: Mailbox
    language: str
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...] = ()

    @property
    def headers(self) -> dict[str, str]:
        """What every transport adds: the same Message-ID at each attempt, and no auto-replies."""
        host = self.sender.address.rpartition("@")[2]
        return {
            "Message-ID": f"<{self.id}@{host}>",
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, NRN, AutoReply, RN",
            "Content-Language": self.language,
        }


def mailbox(name: str, address: str) -> Mailbox:
    """A person's mailbox, made safe for a header; PermanentFailure when it is not one address.

    Some mail systems misread punctuation in names, so it is left out there.
    """
    try:
        checked = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as problem:
        raise PermanentFailure(f"This is not an e-mail address: {problem}") from problem
    shown = one_line(name.translate(_MISREAD_IN_NAMES))[:LONGEST_NAME]
    return Mailbox(shown, checked.ascii_email or checked.normalized)


def internet_message(mail: Mail, now: datetime) -> EmailMessage:
    """The mail as SMTP carries it, text first, HTML as the alternative, then the files."""
    message = EmailMessage(policy=_policy(mail))
    message["From"] = _address(mail.sender)
    message["To"] = _address(mail.recipient)
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    for attachment in mail.attachments:
        _attach(message, attachment)
    for name, value in mail.headers.items():  # Last: the parts above take Content- headers along.
        message[name] = value
    return message


def _policy(mail: Mail) -> "EmailPolicy[EmailMessage]":
    """The standard library folds a long plain subject before its first word, so it need not fold.

    Words in encoded form must be folded: RFC 2047 wants them short.
    """
    chosen = policy.SMTP if mail.recipient.address.isascii() else policy.SMTPUTF8
    is_plain = mail.subject.isascii() and mail.recipient.name.isascii()
    return chosen.clone(max_line_length=LONGEST_LINE) if is_plain else chosen


def _address(box: Mailbox) -> Address:
    local, _, host = box.address.rpartition("@")
    return Address(box.name, local, host)


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
