"""Finished pages of the calendar, the same for everybody, kept until something changes them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

MOST = 100
"""So many addresses and languages, at most; the one that was longest not asked for goes first."""


class KeptPages:
    """One page for each key, with the state of things that it was made in.

    One thread at a time makes a page: the others would only make the same one more slowly.
    """

    def __init__(self) -> None:
        self._pages: OrderedDict[Hashable, tuple[Hashable, str]] = OrderedDict()
        self._making = Lock()

    def page(self, key: Hashable, state: Hashable, make: Callable[[], str]) -> str:
        """The page that was made in this state, or else a new one.

        Read the state before: then a page is never older than the state it is kept under.
        """
        if (kept := self._kept(key, state)) is not None:
            return kept
        with self._making:
            if (kept := self._kept(key, state)) is not None:
                return kept
            page = make()
            self._pages[key] = (state, page)
            self._pages.move_to_end(key)
            if len(self._pages) > MOST:
                self._pages.popitem(last=False)
            return page

    def _kept(self, key: Hashable, state: Hashable) -> str | None:
        made_in, page = self._pages.get(key, (None, ""))
        return page if made_in == state else None
