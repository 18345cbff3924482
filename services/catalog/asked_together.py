"""A question that many ask at the same time, asked once for all of them."""

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Found = TypeVar("Found")


class AskedTogether(Generic[Found]):
    """Calls a function for everybody who wants its answer, in one thread at a time.

    Nobody is told what was found before they asked: whoever comes while it is being found out
    waits for the next answer, with all who come meanwhile. What it raises, all of them get.
    """

    def __init__(self, find_out: Callable[[], Found]) -> None:
        self._find_out = find_out
        self._turn = Lock()
        self._next: Future[Found] = Future()

    def answer(self) -> Found:
        """What the function returns, called after this was."""
        mine = self._next
        with self._turn:
            if not mine.done():
                self._next = Future()  # Whoever comes from here on is too late for ours.
                self._fill(mine)
        return mine.result()

    def _fill(self, answer: Future[Found]) -> None:
        try:
            answer.set_result(self._find_out())
        except Exception as problem:
            answer.set_exception(problem)
