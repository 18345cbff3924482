"""What a listing says once it is read: entries, the flags on them, and the lines of none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class FlagCode(StrEnum):
    """What a person has to settle before a draft made from an entry can be published."""

    NO_TITLE = "no_title"
    NO_PLACE = "no_place"
    PLACE_AND_ONLINE = "place_and_online"
    UNKNOWN_PROVINCE = "unknown_province"
    NO_LANGUAGE = "no_language"
    FEE_UNCLEAR = "fee_unclear"
    HOURS_UNCLEAR = "hours_unclear"
    TIMES_IN_DESCRIPTION = "times_in_description"
    DATE_UNCLEAR = "date_unclear"
    UNREAD_CELL = "unread_cell"


class LeftOverReason(StrEnum):
    """Why a line belongs to no entry."""

    BEFORE_FIRST_ENTRY = "before_first_entry"
    PAGE_FURNITURE = "page_furniture"
    TRAILING = "trailing"
    IMPOSSIBLE_DATE = "impossible_date"
    END_BEFORE_START = "end_before_start"
    YEAR_MISSING = "year_missing"
    RANGE_TOO_LONG = "range_too_long"
    UNREADABLE_DATE = "unreadable_date"
    UNDER_UNREAD_DATE = "under_unread_date"


class NotAListingReason(StrEnum):
    """Why a text as a whole is refused."""

    EMPTY = "empty"
    NO_DATE_LINE = "no_date_line"


class NotAListing(ValueError):
    """The text has nothing that could be an entry; `reason` says which way."""

    def __init__(self, reason: NotAListingReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to settle; `detail` quotes the listing's own words, or is empty."""

    code: FlagCode
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SuggestedTime:
    """Local times of day ("09:00") found in the text; `day` is None where they hold for all."""

    day: date | None
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A line that belongs to no entry, with its number in the text as pasted (from 1)."""

    line_number: int
    text: str
    reason: LeftOverReason


@dataclass(frozen=True, slots=True)
class ListingEntry:
    """One dated entry; an empty string or None means that the listing does not say.

    `online` is None where the place is missing or contradicted by the description. Fees are
    cents; None is "not stated", which is not the same as free (0).
    """

    line: int
    date_line: str
    dates: tuple[date, ...]
    title: str = ""
    online: bool | None = None
    venue: str = ""
    city: str = ""
    province: str = ""
    zone: str = ""
    language: str = ""
    fee_affiliate_cents: int | None = None
    fee_other_cents: int | None = None
    hours: float | None = None
    description: str = ""
    bring: str = ""
    prerequisites: str = ""
    notes: str = ""
    series: str = ""
    suggested_times: tuple[SuggestedTime, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """All that a pasted text holds: what could be read, and what could not be placed."""

    entries: tuple[ListingEntry, ...]
    left_over: tuple[LeftOver, ...]


def past(entry: ListingEntry, today: date) -> bool:
    """Say whether the entry's last day lies before `today` (the day in the entry's zone)."""
    return entry.dates[-1] < today
