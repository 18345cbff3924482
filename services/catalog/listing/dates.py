"""The date cell of a listing: days, ranges and lists of days, in English and French."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from services.catalog.listing.entry import LeftOverReason

# Nobody holds a workshop for longer; without a bound one line could ask for millions of days.
LONGEST_RANGE = timedelta(days=31)
YEARS = range(2000, 2100)

_MONTHS = (
    "january jan janvier janv",
    "february feb febr fevrier fevr fev",
    "march mar mars",
    "april apr avril avr",
    "may mai",
    "june jun juin",
    "july jul juillet juil",
    "august aug aout",
    "september sept sep septembre",
    "october oct octobre",
    "november nov novembre",
    "december dec decembre",
)
_WEEKDAYS = (
    "monday mon lundi",
    "tuesday tue tues mardi",
    "wednesday wed mercredi",
    "thursday thu thur thurs jeudi",
    "friday fri vendredi",
    "saturday sat samedi",
    "sunday sun dimanche",
)
_THROUGH_WORDS = "to through thru until till au a jusqu"
_FILLER_WORDS = "st nd rd th er re the le les du de from on of"
# The hyphen, the dashes that word processors make of it, and the minus sign.
_THROUGH = frozenset(_THROUGH_WORDS.split()) | frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
_AND = frozenset((",", "&", ";", "and", "et"))
_FILLER = frozenset(_FILLER_WORDS.split())

_TOKEN = re.compile(r"[0-9]{1,9}|[^\W\d_]{1,30}|[^\w\s]|[\d_]")
_ISO = re.compile(r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})\b")
_NUMERIC = re.compile(r"[0-9]{1,4}([/.-])[0-9]{1,2}\1[0-9]{1,4}\b")
_DIGIT = re.compile(r"[0-9]")
_IGNORED_SIGNS = frozenset(".()'\u2019:")
_LONGEST_CELL = 200


class Kind(Enum):
    """What a word of a date cell is."""

    MONTH = auto()
    WEEKDAY = auto()
    NUMBER = auto()
    THROUGH = auto()
    AND = auto()
    UNKNOWN = auto()


Token = tuple[Kind, str, int]


class UnreadDate(ValueError):
    """A date cell that names no days which exist; `reason` says why."""

    def __init__(self, reason: LeftOverReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DatesRead:
    """Every day named, in order; `wrong_weekday` holds a weekday that does not fit its date."""

    days: tuple[date, ...]
    wrong_weekday: str = ""


@dataclass(slots=True)
class _Point:
    """A day as named, which may still wait for its month and year."""

    day: int
    month: int | None = None
    year: int | None = None
    through: bool = False


def folded(text: str) -> str:
    """Return the text in lower case without accents, for comparison only."""
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


_MONTH_NUMBER = {name: at for at, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAY_NUMBER = {name: at for at, names in enumerate(_WEEKDAYS) for name in names.split()}


def tokens(text: str) -> Iterator[Token]:
    """Yield the date words of a text as (kind, the word as written, its number)."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        plain = folded(word)
        if plain not in _FILLER and plain not in _IGNORED_SIGNS:
            yield _token(word, plain)


def _token(word: str, plain: str) -> Token:
    if plain.isascii() and plain.isdigit():
        return Kind.NUMBER, word, int(plain)
    if plain in _MONTH_NUMBER:
        return Kind.MONTH, word, _MONTH_NUMBER[plain]
    if plain in _WEEKDAY_NUMBER:
        return Kind.WEEKDAY, word, _WEEKDAY_NUMBER[plain]
    if plain in _THROUGH:
        return Kind.THROUGH, word, 0
    return (Kind.AND if plain in _AND else Kind.UNKNOWN), word, 0


def opens_with_date(text: str) -> bool:
    """Say whether the text begins as a date would: a month and a number, either first."""
    cell = text.partition("|")[0][:_LONGEST_CELL]
    if not _DIGIT.search(cell):
        return False
    if _NUMERIC.match(cell):
        return True
    kinds = [kind for kind, _, _ in tokens(cell) if kind is not Kind.WEEKDAY]
    while kinds and kinds[0] in (Kind.AND, Kind.THROUGH):
        kinds.pop(0)
    return kinds[:1] in ([Kind.MONTH], [Kind.NUMBER]) and {Kind.MONTH, Kind.NUMBER} <= set(kinds)


def only_date_words(text: str) -> bool:
    """Say whether the text holds nothing but words of a date."""
    if len(text) > _LONGEST_CELL:
        return False
    return all(kind is not Kind.UNKNOWN for kind, _, _ in tokens(text))


def read_dates(cell: str) -> DatesRead:
    """Read a date cell; raises UnreadDate when it names no days that exist."""
    if len(cell) > _LONGEST_CELL:
        raise UnreadDate(LeftOverReason.UNREADABLE_DATE)
    found = list(tokens(_ISO.sub(_iso_in_words, cell)))
    if any(kind is Kind.UNKNOWN for kind, _, _ in found):
        raise UnreadDate(LeftOverReason.UNREADABLE_DATE)
    points = _points(found)
    named = [_existing(point) for point in points]
    return DatesRead(tuple(_days(points, named)), _wrong_weekday(found, named))


def _iso_in_words(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    if not 1 <= int(month) <= 12:
        return match.group()
    return f"{_MONTHS[int(month) - 1].split()[0]} {int(day)}, {year}"


def _points(found: list[Token]) -> list[_Point]:
    """Collect the days named; a month or a year counts for those that still wait for one."""
    points: list[_Point] = []
    month: int | None = None
    month_first = _month_comes_first(found)
    link: Kind | None = None
    for kind, word, number in found:
        if kind is Kind.MONTH:
            month = number if month_first else None
            _fill_month(points, number)
        elif kind is Kind.NUMBER and len(word) == 4:
            _fill_year(points, number)
        elif kind is Kind.NUMBER and len(word) > 2:
            raise UnreadDate(LeftOverReason.UNREADABLE_DATE)
        elif kind is Kind.NUMBER:
            points.append(_linked_point(points, _Point(number, month), link))
            link = None
        elif kind is not Kind.WEEKDAY:
            link = kind if link is not Kind.THROUGH else link
    return _whole(points)


def _month_comes_first(found: list[Token]) -> bool:
    dated = [kind for kind, _, _ in found if kind in (Kind.MONTH, Kind.NUMBER)]
    return dated[:1] == [Kind.MONTH]


def _linked_point(points: list[_Point], point: _Point, link: Kind | None) -> _Point:
    chained = bool(points) and points[-1].through and link is Kind.THROUGH
    if points and (link is None or chained):
        raise UnreadDate(LeftOverReason.UNREADABLE_DATE)
    point.through = bool(points) and link is Kind.THROUGH
    return point


def _fill_month(points: list[_Point], month: int) -> None:
    for point in points:
        point.month = point.month or month


def _fill_year(points: list[_Point], year: int) -> None:
    for point in points:
        point.year = point.year or year


def _whole(points: list[_Point]) -> list[_Point]:
    if not points or any(point.month is None for point in points):
        raise UnreadDate(LeftOverReason.UNREADABLE_DATE)
    if any(point.year is None for point in points):
        raise UnreadDate(LeftOverReason.YEAR_MISSING)
    return points


def _existing(point: _Point) -> date:
    try:
        found = date(point.year or 0, point.month or 0, point.day)
    except ValueError:
        raise UnreadDate(LeftOverReason.IMPOSSIBLE_DATE) from None
    if found.year not in YEARS:
        raise UnreadDate(LeftOverReason.IMPOSSIBLE_DATE)
    return found


def _days(points: list[_Point], named: list[date]) -> list[date]:
    days: list[date] = []
    for point, day in zip(points, named, strict=True):
        if days and (day < days[-1] or (day == days[-1] and not point.through)):
            raise UnreadDate(LeftOverReason.END_BEFORE_START)
        days.extend(_up_to(days[-1], day) if point.through else [day])
    return days


def _up_to(first: date, last: date) -> Iterable[date]:
    """Yield the days after `first` up to and with `last`."""
    if last - first >= LONGEST_RANGE:
        raise UnreadDate(LeftOverReason.RANGE_TOO_LONG)
    return [first + timedelta(days=ahead) for ahead in range(1, (last - first).days + 1)]


def _wrong_weekday(found: list[Token], named: list[date]) -> str:
    weekdays = [(word, number) for kind, word, number in found if kind is Kind.WEEKDAY]
    if len(weekdays) != len(named):
        return ""
    pairs = zip(weekdays, named, strict=True)
    return ", ".join(word for (word, number), day in pairs if day.weekday() != number)
