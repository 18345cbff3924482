"""Invariants: what is true whenever all is well, each with the way to find what breaks it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

SESSION, REGISTRATION, MAIL, EVENT, SUBJECT = "session", "registration", "mail", "event", "subject"
"""What the keys that an invariant gives are ids of; a subject is what an event is about."""

SETTLED = timedelta(minutes=5)
"""What is younger may still be on its way, and is looked at the next time."""

RECENT = timedelta(days=14)
"""How far back is looked where nothing older can go wrong any more, or may be deleted by now."""

LOCK_WAIT = timedelta(seconds=10)
"""How much later than its `now` a command may have had its turn: two such times can be swapped."""

Source = TypeVar("Source")
Found = Iterable[object]


@dataclass(frozen=True)
class Invariant(Generic[Source]):
    """One thing that must be true, under its number in the list of them.

    `find` gives the ids of the rows, which are `about` one kind of thing, for which it is not.
    `wrong` and `cure` are for people, in English, and are said in their language where shown.
    """

    number: str
    name: str
    sentence: str
    about: str
    wrong: str
    cure: str
    find: Callable[[Source, datetime], Found]

    def broken_by(self, source: Source, now: datetime) -> list[str]:
        """The ids of what breaks it, each once, in order."""
        return sorted({str(key) for key in self.find(source, now)})


@dataclass(frozen=True)
class Offence:
    """One row that breaks an invariant of a service."""

    service: str
    number: str
    name: str
    about: str
    key: str
    wrong: str
    cure: str


Ours = Invariant[Session]
"""What one service can say of its own database."""


def invariant(
    number: str, about: str, *, wrong: str, cure: str
) -> Callable[[Callable[[Source, datetime], Found]], Invariant[Source]]:
    """Make an invariant of a function; the invariant has its name and its docstring's sentence."""

    def make(find: Callable[[Source, datetime], Found]) -> Invariant[Source]:
        sentence = " ".join((find.__doc__ or "").partition("\n\n")[0].split())
        return Invariant(number, find.__name__, sentence, about, wrong, cure, find)

    return make


def message(text: str) -> str:
    """The text itself, marked for translation where it is shown later and elsewhere."""
    return text
