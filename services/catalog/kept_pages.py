"""Finished answers with the calendar, the same for everybody, kept until something changes them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock

from services.chassis.i18n import COOKIE

MOST = 100
"""So many addresses and languages, at most; the one that was longest not asked for goes first."""


@dataclass(frozen=True)
class Answer:
    """A page with its status and all its headers, as it goes out."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_for_everybody(self) -> bool:
        """Whether it may be given to others: no error, and no cookie but the language's."""
        cookies = [value for name, value in self.headers if name.lower() == "set-cookie"]
        return self.status.startswith("200 ") and all(map(_is_of_language, cookies))


def _is_of_language(cookie: str) -> bool:
    return cookie.startswith(f"{COOKIE}=")


class KeptPages:
    """One answer for each key, with the state of things that it was made in.

    One thread at a time makes one: the others would only make the same one more slowly.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[Hashable, Answer]] = OrderedDict()
        self._making = Lock()

    def answer(self, key: Hashable, state: Hashable, make: Callable[[], Answer]) -> Answer:
        """The answer that was made in this state, or else a new one.

        Read the state before: then a page is never older than the state it is kept under.
        """
        if kept := self._kept(key, state):
            return kept
        with self._making:
            if kept := self._kept(key, state):
                return kept
            answer = make()
            if answer.is_for_everybody:
                self._keep(key, state, answer)
            return answer

    def _kept(self, key: Hashable, state: Hashable) -> Answer | None:
        made_in, answer = self._answers.get(key, (None, None))
        return answer if made_in == state else None

    def _keep(self, key: Hashable, state: Hashable, answer: Answer) -> None:
        self._answers[key] = (state, answer)
        self._answers.move_to_end(key)
        if len(self._answers) > MOST:
            self._answers.popitem(last=False)
