"""Where bounces are read from, a mail server's mailbox among them."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.bounce_sources import opened_box
from infra.refusal import Refusal

HOST = "127.0.0.1"
MAILS = {"3": b"Subject: one\r\n\r\n1\r\n", "7": b"Subject: two\r\n\r\n2\r\n"}


class ImapServer:
    """As much of IMAP as it takes to sign in, find the unread, fetch them and mark them."""

    def __init__(self) -> None:
        self.unread = dict(MAILS)
        self.opened: list[str] = []

    def answer(self, command: str) -> tuple[bytes, str]:
        """What stands before the tagged line, and that line."""
        if command.startswith("LOGIN"):
            right = command == 'LOGIN bounces@example.org "right"'
            return b"", "OK in" if right else "NO wrong password"
        if command.startswith("SELECT"):
            self.opened.append(command)
            return b"* 2 EXISTS\r\n", "OK selected" if "INBOX" in command else "NO such folder"
        if command.startswith("UID SEARCH"):
            return f"* SEARCH {' '.join(self.unread)}\r\n".encode(), "OK found"
        if found := re.match(r"UID FETCH (\d+) ", command):
            content = MAILS[found[1]]
            head = f"* 1 FETCH (UID {found[1]} BODY[] {{{len(content)}}}\r\n".encode()
            return head + content + b")\r\n", "OK fetched"
        if found := re.match(r"UID STORE (\d+) \+FLAGS \(\\Seen\)", command):
            self.unread.pop(found[1])
        if command.startswith("CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n", "OK done"
        return b"", "OK done"


@contextmanager
def running(server: ImapServer) -> Iterator[int]:
    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK ready\r\n")
            for line in self.rfile:
                tag, _, command = line.decode().strip().partition(" ")
                before, tagged = server.answer(command)
                self.wfile.write(before + f"{tag} {tagged}\r\n".encode())

    with socketserver.ThreadingTCPServer((HOST, 0), Talk) as listening:
        listening.daemon_threads = True
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield listening.server_address[1]
        listening.shutdown()


def test_the_unread_of_a_mailbox_on_a_server_are_read_and_those_dealt_with_marked() -> None:
    server = ImapServer()
    with (
        running(server) as port,
        opened_box(f"imap://bounces%40example.org@{HOST}:{port}/INBOX", "right") as box,
    ):
        first, second = box.messages
        assert [first.content, second.content] == list(MAILS.values())
        box.done(second)
    assert list(server.unread) == ["3"]
    assert server.opened == ['SELECT "INBOX"']


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("imaps://u:secret@mail.example.org:abc/INBOX", "is no address"),
        ("imaps://[", "is no address"),
        ("imap://zoé@mail.example.org/INBOX", "with accents cannot sign in"),
    ],
)
def test_an_address_that_cannot_be_is_refused_in_one_line(source: str, said: str) -> None:
    with pytest.raises(Refusal, match=said) as refused, opened_box(source, "right"):
        pass
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("folder", "password", "said"),
    [("INBOX", "wrong", "wrong password"), ("Elsewhere", "right", "such folder")],
)
def test_a_server_that_says_no_is_quoted_without_the_password(
    folder: str, password: str, said: str
) -> None:
    with running(ImapServer()) as port:
        source = f"imap://bounces%40example.org@{HOST}:{port}/{folder}"
        with pytest.raises(Refusal, match=said) as refused, opened_box(source, password):
            pass
    assert f"imap://{HOST} cannot be read" in refused.value.message
    assert "bounces@" not in refused.value.message


def test_a_server_that_is_away_is_named() -> None:
    with (
        pytest.raises(Refusal, match=f"imaps://{HOST} cannot be read"),
        opened_box(f"imaps://a@{HOST}:1/INBOX", ""),
    ):
        pass


def test_a_folder_without_messages_has_none(tmp_path: Path) -> None:
    with opened_box(str(tmp_path), "") as box:
        assert list(box.messages) == []
