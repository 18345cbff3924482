"""A question for all who ask at once, whose answer is never older than the question."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import count
from threading import Event

import pytest

from services.catalog.asked_together import AskedTogether
from tests.facts import eventually


class _Slow:
    """Counts how often it was asked, and answers when it may."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.asked, self.may_answer = Event(), Event()

    def __call__(self) -> int:
        number = next(self._numbers)
        self.asked.set()
        assert self.may_answer.wait(10)
        return number


def test_who_comes_while_it_is_being_found_out_waits_for_the_next_answer() -> None:
    slow = _Slow()
    together = AskedTogether(slow)
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(together.answer)
        assert slow.asked.wait(10)
        late = [threads.submit(together.answer) for _ in range(8)]
        eventually(partial(_are_running, late))
        slow.may_answer.set()
        assert first.result() == 1
        told = {each.result() for each in late}
    assert min(told) == 2
    assert len(told) < len(late)


def _are_running(futures: list[Future[int]]) -> None:
    assert all(each.running() for each in futures)


def test_each_who_asks_by_themselves_is_told_anew() -> None:
    together = AskedTogether(count(1).__next__)
    assert [together.answer() for _ in range(3)] == [1, 2, 3]


def test_what_goes_wrong_is_told_and_asked_again() -> None:
    answers = iter([ZeroDivisionError(), 2])

    def find_out() -> int:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    together = AskedTogether(find_out)
    with pytest.raises(ZeroDivisionError):
        together.answer()
    assert together.answer() == 2
