"""What was seen from outside: the files of answers, of mails, and of when each fault was."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

SIGN_UP, CANCEL = "sign_up", "cancel"
NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """What one member was told in the end, and how each try before went."""

    what: str
    status: int
    state: str
    place: int | None
    registration: str
    email: str
    key: str
    at: float
    statuses: tuple[int, ...]
    milliseconds: tuple[float, ...]

    @property
    def is_accepted(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Mail:
    """A mail at the moment at which the server took it."""

    mail_id: str
    to: str
    at: float


@dataclass(frozen=True)
class Span:
    """From when until when a fault lasted."""

    began: float
    ended: float


@dataclass(frozen=True)
class Witness:
    """The folder of the three files; a line of JSON each, the last one perhaps half written."""

    folder: Path

    @property
    def answers_file(self) -> Path:
        return self.folder / "answers.jsonl"

    @property
    def mails_file(self) -> Path:
        return self.folder / "mails.jsonl"

    @property
    def faults_file(self) -> Path:
        return self.folder / "faults.jsonl"

    def answers(self, session: str) -> list[Answer]:
        """What the members of one session were told."""
        lines = (each for each in _lines(self.answers_file) if each["session"] == session)
        return [_answer(each) for each in lines]

    def mails(self) -> list[Mail]:
        """Every mail that was taken."""
        return [
            Mail(plain(line["mail_id"]), to, float(line["at"]))
            for line in _lines(self.mails_file)
            for to in line["to"]
        ]

    def span(self, session: str) -> Span:
        """When the fault of this session's members was; nothing of the kind is a moment at 0."""
        for line in _lines(self.faults_file):
            if line["session"] == session:
                return Span(line["began"], line["ended"])
        return Span(0, 0)

    def note_fault(self, session: str, began: float, ended: float) -> None:
        """Write down when a fault was."""
        line = {"session": session, "began": began, "ended": ended}
        with self.faults_file.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(line)}\n")


def plain(uuid: Any) -> str:
    """One spelling for an id, whichever way a file or a database writes it."""
    return UUID(str(uuid)).hex


def _answer(line: dict[str, Any]) -> Answer:
    return Answer(
        what=line["what"],
        status=line["status"],
        state=line["state"] or "",
        place=line.get("place"),
        registration=plain(line["registration"]) if line["registration"] else "",
        email=line.get("email", ""),
        key=line.get("key", ""),
        at=line["at"],
        statuses=tuple(line["statuses"]),
        milliseconds=tuple(line["milliseconds"]),
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for line in text.splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)
