"""Mail through an SMTP server, over a connection that each thread keeps between mails."""

import smtplib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.notify.failures import (
    NoSuchAddress,
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
from services.notify.message import Mail
from services.notify.status_codes import is_no_such_address

TIMEOUT_SECONDS = 15.0
HANGS_UP = 421
"""What a server says before it closes a connection (RFC 5321, 3.8)."""


@dataclass(frozen=True)
class Server:
    """Where the server is and how to sign in to it; `tls` encrypts from the first byte.

    Mail that comes back goes to `bounces`, or to the sender where there is none.
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    bounces: str = ""
    timeout: float = TIMEOUT_SECONDS


class Smtp:
    """A server that takes mail with 250 and says no in its own words."""

    longest_send = timedelta(minutes=4)
    patience = timedelta(minutes=2)

    def __init__(self, server: Server) -> None:
        self.server = server
        self._kept = threading.local()

    def send(self, mail: Mail, now: datetime) -> str:
        """Hand one mail over; the answer to the final dot decides."""
        try:
            connection = self._begun(mail)
            _name_recipient(connection, mail)
            words = _hand_over(connection, mail)
        except BaseException:
            self.close()
            raise
        return words

    def close(self) -> None:
        """Close this thread's connection."""
        kept: smtplib.SMTP | None = getattr(self._kept, "connection", None)
        if kept is not None:
            kept.close()
        self._kept.connection = None

    def _begun(self, mail: Mail) -> smtplib.SMTP:
        """A connection that has taken the sender: the kept one if it can be, or else a new one."""
        return_path = self.server.bounces or mail.sender.address
        kept: smtplib.SMTP | None = getattr(self._kept, "connection", None)
        if kept is not None and _goes_on(kept, mail, return_path):
            return kept
        self.close()
        fresh = self._kept.connection = _connect(self.server)
        with _nothing_taken():
            _check(*fresh.mail(return_path, _options(fresh, mail)))
        return fresh


def _goes_on(connection: smtplib.SMTP, mail: Mail, return_path: str) -> bool:
    """Begin a mail on a connection that served before; False when the server has hung up."""
    try:
        code, words = connection.mail(return_path, _options(connection, mail))
    except (OSError, smtplib.SMTPException):
        return False
    if code == HANGS_UP:
        return False
    _check(code, words)
    return True


@contextmanager
def _nothing_taken() -> Iterator[None]:
    """Until the mail is handed over the server certainly has not taken it."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as problem:
        raise TemporaryFailure(f"The connection broke: {problem}") from problem


def _connect(server: Server) -> smtplib.SMTP:
    """Connect, encrypt where the server can, sign in.

    Refused credentials are our setting's fault and not the mail's, so the mail is kept and
    tried again; its row shows staff the server's words.
    """
    try:
        return _open(server)
    except smtplib.SMTPResponseException as problem:
        raise TemporaryFailure(_words(problem.smtp_code, problem.smtp_error)) from problem
    except (OSError, smtplib.SMTPException) as problem:
        raise ProviderResting(f"{server.host} cannot be reached: {problem}") from problem


def _open(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    connection = _dial(server, context)
    try:
        connection.ehlo_or_helo_if_needed()
        if not server.tls and connection.has_extn("starttls"):
            connection.starttls(context=context)
            connection.ehlo()
        if server.user:
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _dial(server: Server, context: ssl.SSLContext) -> smtplib.SMTP:
    if server.tls:
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=server.timeout)


def _name_recipient(connection: smtplib.SMTP, mail: Mail) -> None:
    with _nothing_taken():
        _check_recipient(*connection.rcpt(mail.recipient.address))


def _options(connection: smtplib.SMTP, mail: Mail) -> list[str]:
    """What a server that can is asked for; a bounce then names the mail (RFC 3461)."""
    named = ["RET=HDRS", f"ENVID={mail.id}"] if connection.has_extn("dsn") else []
    if mail.recipient.address.isascii():
        return named
    if not connection.has_extn("smtputf8"):
        raise PermanentFailure("The mail server cannot write to addresses with such letters.")
    return [*named, "SMTPUTF8", "BODY=8BITMIME"]


def _hand_over(connection: smtplib.SMTP, mail: Mail) -> str:
    """The mail itself; a connection that breaks from here on leaves its fate open."""
    try:
        code, words = connection.data(mail.internet_form)
    except smtplib.SMTPDataError as problem:
        return _check(problem.smtp_code, problem.smtp_error)
    except (OSError, smtplib.SMTPException) as problem:
        raise OutcomeUnknown(f"No answer after the mail was handed over: {problem}") from problem
    return _check(code, words)


def _check_recipient(code: int, words: bytes) -> None:
    """A server may know at once that there is no such address."""
    said = _words(code, words)
    if code >= 500 and is_no_such_address(said):
        raise NoSuchAddress(said)
    _check(code, words)


def _check(code: int, words: bytes | str) -> str:
    """What the server said; a failure where it is not a 2xx."""
    said = _words(code, words)
    if code >= 500:
        raise PermanentFailure(said)
    if code >= 400 or code < 200:
        raise TemporaryFailure(said)
    return said


def _words(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"
