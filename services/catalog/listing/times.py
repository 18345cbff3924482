"""Clock times in the text of an entry, and the plan that they make when only one is possible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from services.catalog.listing.dates import Kind, folded, tokens
from services.catalog.listing.entry import SuggestedTime

_LONGEST_DAY_LINE = 80
_NOON = 12 * 60


def _clock(name: str) -> str:
    return (
        rf"(?:(?P<{name}_noon>noon|midi)\b|(?P<{name}_hour>[01]?[0-9]|2[0-3])"
        rf"(?: ?(?::|(?P<{name}_h>[hH])) ?(?P<{name}_minute>[0-5][0-9])(?![0-9])"
        rf"|(?P<{name}_bare> ?[hH])(?!\w))?"
        rf"(?: ?(?P<{name}_half>[aApP])\.? ?[mM](?!\w)\.?)?)"
    )


_TIME = re.compile(rf"(?<![\w:.,$]){_clock('at')}")
_RANGE = re.compile(
    rf"(?<![\w:.,$]){_clock('from')} ?(?:[-\u2013\u2014\u2212]|\b(?:to|until|till|à|au)\b)"
    rf" ?{_clock('till')}"
    r"(?![0-9:])"
)
_DAY_NUMBER = re.compile(r"\b(?:day|jour) ([0-9]{1,2})\b", re.IGNORECASE)
_NOT_THE_WHOLE_DAY = re.compile(
    r"\b(?:lunch|break|registration|sign-in|arrival|doors|dinner|supper|coffee|"
    r"diner|souper|pause|inscription|accueil|arrivee)\b"
)


@dataclass(frozen=True, slots=True)
class TimesFound:
    """All clock times as written, and the plan they make where it can be read in one way."""

    quoted: str = ""
    suggested: tuple[SuggestedTime, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one line says: the day it speaks of, its ranges, and times that are in no range."""

    day: date | None
    ranges: tuple[tuple[str, str] | None, ...]
    quoted: tuple[str, ...]

    @property
    def clear(self) -> bool:
        return len(self.ranges) == len(self.quoted) and None not in self.ranges


def cut_times(cell: str) -> tuple[str, str]:
    """Take the clock times out of a cell: what remains, and the times as written."""
    spans = [match for match in _RANGE.finditer(cell) if _is_range(match)]
    spans = spans or [match for match in _TIME.finditer(cell) if _is_time(match)]
    quoted = ", ".join(match.group() for match in spans)
    for match in reversed(spans):
        cell = f"{cell[: match.start()]} {cell[match.end() :]}"
    return " ".join(cell.split()).strip(" ,;"), quoted


def read_times(lines: Iterable[str], days: Sequence[date]) -> TimesFound:
    """Read the clock times in the lines of an entry that is held on `days`."""
    readings = list(_readings(lines, days))
    quoted = ", ".join(time for reading in readings for time in reading.quoted)
    return TimesFound(quoted, _only_plan(readings))


def _only_plan(readings: Sequence[_Reading]) -> tuple[SuggestedTime, ...]:
    keys = [reading.day for reading in readings]
    one_each = all(reading.clear and len(reading.ranges) == 1 for reading in readings)
    apart = len(set(keys)) == len(keys) and (None not in keys or len(keys) == 1)
    if not (one_each and apart):
        return ()
    return tuple(
        SuggestedTime(reading.day, *times)
        for reading in readings
        for times in reading.ranges
        if times is not None
    )


def _readings(lines: Iterable[str], days: Sequence[date]) -> Iterator[_Reading]:
    """Read line by line; a short line with a day and no time is the heading of the next."""
    heading = ""
    for line in lines:
        found = _reading(line, heading, days)
        if found is not None:
            yield found
        if found is not None or line:
            heading = line if found is None and len(line) <= _LONGEST_DAY_LINE else ""


def _reading(line: str, heading: str, days: Sequence[date]) -> _Reading | None:
    ranges = [match for match in _RANGE.finditer(line) if _is_range(match)]
    rest = _RANGE.sub(lambda match: " / " if _is_range(match) else match.group(), line)
    singles = [match.group() for match in _TIME.finditer(rest) if _is_time(match)]
    quoted = tuple(match.group() for match in ranges) + tuple(singles)
    if not quoted:
        return None
    named, day = _day_named(line, days)
    if not named:
        named, day = _day_named(heading, days)
    unsure = (named and day is None) or bool(_NOT_THE_WHOLE_DAY.search(folded(line)))
    return _Reading(day, tuple(None if unsure else _span(match) for match in ranges), quoted)


def _day_named(line: str, days: Sequence[date]) -> tuple[bool, date | None]:
    """Return whether a line names a day at all, and which of `days` it is."""
    numbered = _DAY_NUMBER.search(line)
    if numbered:
        at = int(numbered[1]) - 1
        return True, days[at] if 0 <= at < len(days) else None
    words = list(tokens(line[:_LONGEST_DAY_LINE]))
    weekdays = {number for kind, _, number in words if kind is Kind.WEEKDAY}
    dates = _dates_named(words)
    if not weekdays and not dates:
        return False, None
    fits = [day for day in days if not dates or (day.month, day.day) in dates]
    fits = [day for day in fits if not weekdays or day.weekday() in weekdays]
    return True, fits[0] if len(fits) == 1 else None


def _dates_named(words: Sequence[tuple[Kind, str, int]]) -> set[tuple[int, int]]:
    """Collect the month and day pairs that stand side by side, in either order."""
    named = set()
    for (kind, _, number), (next_kind, _, next_number) in pairwise(words):
        if (kind, next_kind) == (Kind.MONTH, Kind.NUMBER):
            named.add((number, next_number))
        elif (kind, next_kind) == (Kind.NUMBER, Kind.MONTH):
            named.add((next_number, number))
    return named


def _is_time(match: re.Match[str]) -> bool:
    return bool(match["at_minute"] or match["at_half"])


def _is_range(match: re.Match[str]) -> bool:
    """A range needs a mark of the clock at its end: minutes, "h", a.m. or p.m., or noon."""
    start = any(match[f"from_{part}"] for part in ("minute", "bare", "half", "noon"))
    return start or any(match[f"till_{part}"] for part in ("minute", "bare", "half", "noon"))


def _span(match: re.Match[str]) -> tuple[str, str] | None:
    """Return the times of a range, or None where morning and afternoon could be confused."""
    halves = ((match["from_half"] or "").lower(), (match["till_half"] or "").lower())
    marked = match["till_half"] or match["till_noon"]
    if not marked and (match["from_half"] or not _is_24_hours(match)):
        return None
    starts = _minutes(match, "from", halves[0] or ("" if match["from_noon"] else halves[1]))
    ends = _minutes(match, "till", halves[1])
    if starts is None or ends is None or not starts < ends:
        return None
    return _written(starts), _written(ends)


def _is_24_hours(match: re.Match[str]) -> bool:
    ends = int(match["till_hour"] or 0)
    french = match["till_h"] or match["till_bare"]
    return bool(ends > 12 or french or (match["from_hour"] or "").startswith("0"))


def _minutes(match: re.Match[str], name: str, half: str) -> int | None:
    """Return minutes since midnight; None for an hour that does not exist, such as 15 p.m."""
    if match[f"{name}_noon"]:
        return _NOON
    hour, minute = int(match[f"{name}_hour"]), int(match[f"{name}_minute"] or 0)
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute


def _written(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
