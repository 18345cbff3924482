"""Which entry of a listing is which when it is imported again, and what changed in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.catalog.listing.entry import ListingEntry
from services.catalog.listing.facts import Facts, entry_facts

# Enough to tell two workshops apart, short enough to survive an edit further down.
_OPENING_LENGTH = 60
# Where a line stands, how it is spaced and what we thought of it are no changes of the offering.
_NOT_COMPARED = frozenset(("line", "date_line", "zone", "flags", "suggested_times"))

_Key = Callable[[Mapping[str, Any]], Hashable]


@dataclass(frozen=True, slots=True)
class Match:
    """An entry in the old import, the new one, or both; `changes` maps field to (old, new)."""

    old_index: int | None
    new_index: int | None
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def match_entries(
    old: Sequence[Mapping[str, Any]], new: Sequence[ListingEntry]
) -> tuple[Match, ...]:
    """Pair stored facts with the entries of a new import; each index occurs exactly once.

    The new entries come first in their order, then the old ones that are no longer listed.
    """
    matching = _Matching(old, [entry_facts(entry) for entry in new])
    for key, only_if_unique in _ROUNDS:
        matching.pair(key, only_if_unique=only_if_unique)
    return matching.result()


class _Matching:
    """The pairs found so far; each round sees only what the rounds before left single."""

    def __init__(self, old: Sequence[Mapping[str, Any]], new: Sequence[Facts]) -> None:
        self.old, self.new = old, new
        self.old_of_new: dict[int, int] = {}
        self.single_old = set(range(len(old)))

    def pair(self, key: _Key, *, only_if_unique: bool) -> None:
        """Pair those with the same key in their order, or only where there is no choice."""
        old_by_key = _by_key(self.old, sorted(self.single_old), key)
        single_new = [at for at in range(len(self.new)) if at not in self.old_of_new]
        for value, new_indexes in _by_key(self.new, single_new, key).items():
            old_indexes = old_by_key.get(value, [])
            if only_if_unique and (len(old_indexes), len(new_indexes)) != (1, 1):
                continue
            for old_index, new_index in zip(old_indexes, new_indexes, strict=False):
                self.old_of_new[new_index] = old_index
                self.single_old.discard(old_index)

    def result(self) -> tuple[Match, ...]:
        listed = [self._match(new_index) for new_index in range(len(self.new))]
        gone = [Match(old_index, None) for old_index in sorted(self.single_old)]
        return (*listed, *gone)

    def _match(self, new_index: int) -> Match:
        old_index = self.old_of_new.get(new_index)
        if old_index is None:
            return Match(None, new_index)
        return Match(old_index, new_index, _changes(self.old[old_index], self.new[new_index]))


def _by_key(
    facts: Sequence[Mapping[str, Any]], indexes: Sequence[int], key: _Key
) -> dict[Hashable, list[int]]:
    grouped: dict[Hashable, list[int]] = defaultdict(list)
    for at in indexes:
        value = key(facts[at])
        if value is not None:
            grouped[value].append(at)
    return grouped


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Compare field by field; a field that the old form did not have yet is no change."""
    return {
        name: (old[name], value)
        for name, value in new.items()
        if name not in _NOT_COMPARED and name in old and old[name] != value
    }


def _all(facts: Mapping[str, Any]) -> Hashable:
    compared = {name: value for name, value in facts.items() if name not in _NOT_COMPARED}
    return json.dumps(compared, sort_keys=True)


def _first_date(facts: Mapping[str, Any]) -> str:
    return str(facts["dates"][0])


def _place(facts: Mapping[str, Any]) -> Hashable:
    named = tuple(facts[name].casefold() for name in ("venue", "city", "province"))
    return (facts["online"] is True, *named)


def _opening(facts: Mapping[str, Any]) -> str:
    return _start_of(facts["title"]) or _start_of(facts["description"])


def _start_of(text: str) -> str:
    return " ".join(text.casefold().split())[:_OPENING_LENGTH]


def _day_place_opening(facts: Mapping[str, Any]) -> Hashable:
    return _first_date(facts), _place(facts), _opening(facts)


def _day_place_description(facts: Mapping[str, Any]) -> Hashable:
    """The key for a title that was given, taken away or corrected."""
    start = _start_of(facts["description"])
    return (_first_date(facts), _place(facts), start) if start else None


def _day_place(facts: Mapping[str, Any]) -> Hashable:
    return _first_date(facts), _place(facts)


def _opening_place(facts: Mapping[str, Any]) -> Hashable:
    """The key for another date."""
    return (_opening(facts), _place(facts)) if _opening(facts) else None


def _day_opening(facts: Mapping[str, Any]) -> Hashable:
    """The key for another place."""
    return (_first_date(facts), _opening(facts)) if _opening(facts) else None


_ROUNDS: tuple[tuple[_Key, bool], ...] = (
    (_all, False),
    (_day_place_opening, False),
    (_day_place_description, False),
    (_day_place, False),
    (_opening_place, True),
    (_day_opening, True),
)
