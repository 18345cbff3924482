"""Where bounces are read from: a file, a folder, a mailbox on disk or on a server, a pipe."""

import imaplib
import mailbox
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from infra.refusal import Refusal

PIPE = "-"
LARGEST_MESSAGE = 10 * 1024 * 1024
_PATIENCE_SECONDS = 30
_PORTS = {"imap": 143, "imaps": 993}


@dataclass(frozen=True)
class Message:
    """One message and where it was found; `number` is its own on a mail server."""

    name: str
    content: bytes
    number: str = ""


class Box:
    """Messages to read; what was dealt with is marked where the place has marks."""

    def __init__(self, messages: Iterator[Message]) -> None:
        self.messages = messages

    def done(self, message: Message) -> None:
        """Files stay as they are: the same bounce read twice changes nothing."""


class ServerBox(Box):
    """The unread messages of a mailbox on an IMAP server (RFC 3501)."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        super().__init__(_unread(server))
        self._server = server

    def done(self, message: Message) -> None:
        """Mark it as read, so that it is not fetched again."""
        self._server.uid("STORE", message.number, "+FLAGS", r"(\Seen)")


@contextmanager
def opened_box(source: str, password: str) -> Iterator[Box]:
    """The box that a source names; Refusal when it cannot be read."""
    parts = _parts(source)
    is_on_server = parts.scheme in _PORTS
    try:
        if is_on_server:
            with _server(parts, password) as server:
                yield ServerBox(server)
        else:
            yield Box(_in_files(source))
    except (OSError, imaplib.IMAP4.error) as problem:
        place = f"{parts.scheme}://{parts.hostname}" if is_on_server else source
        raise Refusal(f"{place} cannot be read: {problem}") from problem


def _parts(source: str) -> SplitResult:
    """The parts of an address; it is not repeated where it is none: a password may be in it."""
    try:
        parts = urlsplit(source)
        _port = parts.port  # Only now is it looked at.
    except ValueError as problem:
        raise Refusal(f"the source is no address: {problem}") from problem
    return parts


def _in_files(source: str) -> Iterator[Message]:
    if source == PIPE:
        yield Message("standard input", sys.stdin.buffer.read(LARGEST_MESSAGE))
        return
    path = Path(source)
    if path.is_dir():
        yield from _in_folder(path)
    elif path.read_bytes()[:5] == b"From ":
        with closing(mailbox.mbox(path, create=False)) as box:
            yield from (Message(f"{path.name} {key}", box.get_bytes(key)) for key in box.iterkeys())
    else:
        yield Message(path.name, path.read_bytes())


def _in_folder(path: Path) -> Iterator[Message]:
    """The messages of a Maildir, or the .eml files of any other folder."""
    is_maildir = (path / "new").is_dir() and (path / "cur").is_dir()
    patterns = ("new/*", "cur/*") if is_maildir else ("*.eml",)
    for file in sorted(each for pattern in patterns for each in path.glob(pattern)):
        yield Message(file.name, file.read_bytes())


@contextmanager
def _server(parts: SplitResult, password: str) -> Iterator[imaplib.IMAP4]:
    """Signed in, with the folder of the address open; without encryption only where it says so."""
    user = unquote(parts.username or "")
    if not (user + password).isascii():
        raise imaplib.IMAP4.error("a user or password with accents cannot sign in")
    kind = imaplib.IMAP4_SSL if parts.scheme == "imaps" else imaplib.IMAP4
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    with kind(host, port, timeout=_PATIENCE_SECONDS) as server:
        server.login(user, password)
        answer, words = server.select(f'"{unquote(parts.path).strip("/") or "INBOX"}"')
        if answer != "OK":
            raise imaplib.IMAP4.error((words[0] or b"").decode(errors="replace"))
        yield server


def _unread(server: imaplib.IMAP4) -> Iterator[Message]:
    _answer, found = server.uid("SEARCH", "UNSEEN")
    for number in (found[0] or b"").decode().split():
        _answer, parts = server.uid("FETCH", number, "(BODY.PEEK[])")
        content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        yield Message(f"message {number}", content, number)
