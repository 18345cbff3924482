"""Ways to damage an event: what a faulty, old or hostile sender could put into a queue."""

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from services.contracts import CONTRACTS
from tests.hostile.corpora.naughty import NAUGHTY

Path = tuple[str | int, ...]
Damage = Callable[[st.DrawFn, Any], Any]


def nested(levels: int) -> Any:
    """Lists in lists."""
    found: Any = 1
    for _ in range(levels):
        found = [found]
    return found


ODD_VALUES = [
    *(None, True, False, 0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**63, 10**400, 0.5, -0.0, 1e308),
    *(float("nan"), float("inf"), "", " ", "\0", "a\0b", "\ud800", "\udc00", "\uffff", "x" * 81),
    *("x" * 300, "x" * 70_000, [], {}, [[]], [None], {"": ""}, {"a\0": 1}, {"\ud800": 1}, [{}]),
    *(nested(19), nested(21), nested(100), "2026-02-30", "2026-02-28", "24:00", "09:00", "en"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-02-28T09:00:00", "now"),
    *("America/Nowhere", "../etc/passwd", "01a1f000-0000-7000-8000-000000000010", "not-a-uuid"),
    {"__type__": "uuid", "__value__": {"hex": "01a1f000000070008000000000000010"}},
    {"__type__": "nothing", "__value__": 1},
]
odd_values = st.one_of(st.sampled_from(ODD_VALUES).map(copy.deepcopy), st.sampled_from(NAUGHTY))
odd_types = st.sampled_from(
    [*CONTRACTS, "", "nothing.v1", "staff.changed.v2", "x" * 81, "a\0", "__class__"]
)
odd_sources = st.sampled_from(["", "mallory", "catalog", "registration", "notify", "x" * 41, "\0"])


def paths(value: Any, start: Path = ()) -> list[Path]:
    """Where the parts of an event are, itself left out."""
    items = _items(value)
    inner = [path for key, part in items for path in paths(part, (*start, key))]
    return [(*start, key) for key, _ in items] + inner


def _items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []


def _parent(value: Any, path: Path) -> Any:
    for key in path[:-1]:
        value = value[key]
    return value


def _some_path(draw: st.DrawFn, event: Any) -> Path | None:
    found = paths(event)
    return draw(st.sampled_from(found)) if found else None


def drop(draw: st.DrawFn, event: Any) -> Any:
    """Leave a part out."""
    if path := _some_path(draw, event):
        del _parent(event, path)[path[-1]]
    return event


def retype(draw: st.DrawFn, event: Any) -> Any:
    """Put something else in a part's place."""
    if path := _some_path(draw, event):
        _parent(event, path)[path[-1]] = draw(odd_values)
    return event


def add(draw: st.DrawFn, event: Any) -> Any:
    """Add a part that nobody knows."""
    if path := _some_path(draw, event):
        parent = _parent(event, path)
        if isinstance(parent, dict):
            parent[draw(st.sampled_from(["later", "", "__class__", "id", "\0"]))] = draw(odd_values)
        else:
            parent.append(draw(odd_values))
    return event


def swap(draw: st.DrawFn, event: Any) -> Any:
    """Put a copy of one part in another's place."""
    source, target = _some_path(draw, event), _some_path(draw, event)
    if source and target:
        part = copy.deepcopy(_parent(event, source)[source[-1]])
        _parent(event, target)[target[-1]] = part
    return event


def reorder(draw: st.DrawFn, event: Any) -> Any:
    """Turn the order of names and lists about; this alone is no damage."""
    if isinstance(event, dict):
        return {key: reorder(draw, part) for key, part in reversed(event.items())}
    return event


def misdirect(draw: st.DrawFn, event: Any) -> Any:
    """Give it another type or another producer."""
    if isinstance(event, dict):
        if draw(st.booleans()):
            event["type"] = draw(odd_types)
        else:
            event["source"] = draw(odd_sources)
    return event


def renumber(draw: st.DrawFn, event: Any) -> Any:
    """Give it a sequence that is stale, far ahead or none."""
    if isinstance(event, dict):
        event["sequence"] = draw(st.sampled_from([0, -1, 1, 2, 10, 2**31 - 1, 2**31, 1.0, "1"]))
    return event


def replace(draw: st.DrawFn, _event: Any) -> Any:
    """Send something that is no event at all."""
    return draw(odd_values)


DAMAGES: list[Damage] = [retype, retype, drop, add, swap, reorder, misdirect, renumber, replace]


@st.composite
def damaged(draw: st.DrawFn, event: dict[str, Any]) -> str:
    """The event with up to three damages done to it, as JSON text; sometimes with none."""
    found: Any = copy.deepcopy(event)
    for damage in draw(st.lists(st.sampled_from(DAMAGES), max_size=3)):
        found = damage(draw, found)
    return json.dumps(found)
