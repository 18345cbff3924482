"""A finished mail, and its form as an Internet message (RFC 5322 and MIME).

The standard library's messages have an object for each header and part, and take longer than all
the rest of a mail; what Turnout sends is always of the same build, so it is written down at once.
"""

import re
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, quote
from functools import cached_property
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

from services.notify.failures import PermanentFailure
from services.notify.plain_text import one_line

LONGEST_NAME = 70
LONGEST_LINE = 998
_END = "\r\n"
_LONGEST_PIECE = 39
_WANTS_QUOTES = re.compile(r"[][\\()<>@,:;\".]")
_MISREAD_IN_NAMES = str.maketrans(dict.fromkeys('@:,;"<>\\', " "))


@dataclass(frozen=True)
class Mailbox:
    """A name and exactly one address, neither of which ends a header."""

    name: str
    address: str

    def __post_init__(self) -> None:
        """ValueError for more than a line."""
        if len(f"{self.name}{self.address}".splitlines()) > 1:
            raise ValueError("a mailbox is on one line")


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
        return _written(self)

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
            headers["List-Unsubscribe"] = f"<{self.unsubscribe}>"
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


def _written(mail: Mail) -> bytes:
    """The mail as SMTP carries it: text, HTML and calendar as alternatives, then the files.

    The last alternative is where mail programs look for an invitation (RFC 6047, 2.4).
    """
    alternatives = [_words("plain", mail.text.encode()), _words("html", mail.html.encode())]
    if mail.calendar is not None:
        kind = f'calendar; method="{mail.calendar.method}"'
        alternatives.append(_words(kind, mail.calendar.content))
    body = _together("alternative", alternatives, f"=_a{mail.id.hex}")
    if mail.attachments:
        body = _together("mixed", [body, *map(_file, mail.attachments)], f"=_m{mail.id.hex}")
    return _headers(mail).encode() + body


def _headers(mail: Mail) -> str:
    """What stands before the parts; encoded as RFC 2047 says, unless the address needs UTF-8."""
    is_utf8 = not mail.recipient.address.isascii()
    headers = {
        "From": _address(mail.sender, is_utf8=is_utf8),
        "To": _address(mail.recipient, is_utf8=is_utf8),
        "Subject": _encoded(subject_in_header(mail.subject), is_utf8=is_utf8),
        "Date": format_datetime(mail.written_at),
        "MIME-Version": "1.0",
        **mail.headers,
    }
    if mail.reply_to is not None:
        headers["Reply-To"] = _address(mail.reply_to, is_utf8=is_utf8)
    return "".join(f"{name}: {value}{_END}" for name, value in headers.items())


def _address(box: Mailbox, *, is_utf8: bool) -> str:
    """A mailbox; an encoded name has its own line, as no more than 76 letters may stand beside."""
    if not box.name:
        return box.address
    if not (is_utf8 or box.name.isascii()):
        return f"{_encoded(box.name, is_utf8=False)}{_END} <{box.address}>"
    name = f'"{quote(box.name)}"' if _WANTS_QUOTES.search(box.name) else box.name
    return f"{name} <{box.address}>"


def _encoded(words: str, *, is_utf8: bool) -> str:
    if is_utf8 or words.isascii():
        return words
    pieces = (b64encode(each.encode()).decode() for each in _pieces(words))
    return f"{_END} ".join(f"=?utf-8?b?{each}?=" for each in pieces)


def _pieces(words: str) -> Iterator[str]:
    """So short that encoded, and behind the longest name of a header, 76 letters are enough."""
    piece, size = "", 0
    for letter in words:
        size += len(letter.encode())
        if size > _LONGEST_PIECE:
            yield piece
            piece, size = "", len(letter.encode())
        piece += letter
    yield piece


def _together(kind: str, parts: Iterable[bytes], boundary: str) -> bytes:
    """Parts as one; `boundary` has an id in it that nobody could know when they wrote a part."""
    mark = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"{_END}{_END}'.encode()
    return b"".join([head, *(b"%b\r\n%b\r\n" % (mark, each) for each in parts), mark, b"--\r\n"])


def _words(kind: str, content: bytes) -> bytes:
    """A text with lines of any length, as it stands where every server takes it so."""
    lines = content.splitlines()
    content = b"".join(b"%b\r\n" % line for line in lines)
    is_plain = content.isascii() and max(map(len, lines), default=0) <= LONGEST_LINE
    encoding = "7bit" if is_plain else "quoted-printable"
    head = (
        f"Content-Type: text/{kind}; charset=utf-8{_END}"
        f"Content-Transfer-Encoding: {encoding}{_END}{_END}"
    )
    return head.encode() + (content if is_plain else b2a_qp(content))


def _file(file: Attachment) -> bytes:
    method = f'; method="{file.method}"; charset=utf-8' if file.method else ""
    head = (
        f"Content-Type: {file.media_type}{method}{_END}"
        f"Content-Transfer-Encoding: base64{_END}"
        f'Content-Disposition: attachment; filename="{file.filename}"{_END}{_END}'
    )
    return head.encode("ascii") + encodebytes(file.content).replace(b"\n", b"\r\n")
