"""Reading a union's pasted listing into entries, with a flag for all that a person must settle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from services.catalog.listing import prose, writing
from services.catalog.listing.body import Body, read_body, trailing_lines
from services.catalog.listing.dates import DatesRead, UnreadDate
from services.catalog.listing.entry import (
    Flag,
    FlagCode,
    LeftOver,
    LeftOverReason,
    Listing,
    ListingEntry,
    NotAListing,
    NotAListingReason,
    SuggestedTime,
    past,
)
from services.catalog.listing.fees import Fees, fee_in_prose
from services.catalog.listing.head import Head, read_head
from services.catalog.listing.lines import Section, sections
from services.catalog.listing.place import Place
from services.catalog.listing.times import TimesFound, read_times
from services.catalog.listing.writing import Line

__all__ = [
    "Flag",
    "FlagCode",
    "LeftOver",
    "LeftOverReason",
    "Listing",
    "ListingEntry",
    "NotAListing",
    "NotAListingReason",
    "SuggestedTime",
    "past",
    "read_listing",
]

_LONGEST_DETAIL = 200
# A day of a workshop is hardly shorter or longer; beyond this a person should look.
_FEWEST_HOURS_A_DAY = 1.5
_MOST_HOURS_A_DAY = 12


def read_listing(text: str) -> Listing:
    """Read a listing as copied from a web page.

    Raises NotAListing when the text is empty or has no date line. Every line that is not
    blank ends in an entry or among those left over, and nothing is guessed.
    """
    head, *dated = sections(text)
    if not dated:
        empty = not any(line.text for line in head.lines)
        raise NotAListing(NotAListingReason.EMPTY if empty else NotAListingReason.NO_DATE_LINE)
    left_over = list(_left(head.lines, LeftOverReason.BEFORE_FIRST_ENTRY))
    left_over += _without_foot(dated[-1])
    entries: list[ListingEntry] = []
    for section in dated:
        left_over += _without_furniture(section)
        try:
            entries.append(_entry(section))
        except UnreadDate as unread:
            left_over += _unread(section, unread.reason)
    left_over.sort(key=lambda left: left.line_number)
    return Listing(tuple(entries), tuple(left_over))


def _left(lines: Iterable[Line], reason: LeftOverReason) -> Iterator[LeftOver]:
    for line in lines:
        if line.text:
            furniture = writing.is_furniture(line.text)
            why = LeftOverReason.PAGE_FURNITURE if furniture else reason
            yield LeftOver(line.number, line.text, why)


def _unread(section: Section, reason: LeftOverReason) -> Iterator[LeftOver]:
    """Leave over a date line that names no day, and its text, which is no other entry's."""
    for part in section.parts:
        if part.text:
            yield LeftOver(part.number, part.text, reason)
    yield from _left(section.lines, LeftOverReason.UNDER_UNREAD_DATE)


def _without_foot(section: Section) -> list[LeftOver]:
    """Take the foot of the page off the last section."""
    foot = len(section.lines) - trailing_lines(section.lines)
    left = list(_left(section.lines[foot:], LeftOverReason.TRAILING))
    section.lines = section.lines[:foot]
    return left


def _without_furniture(section: Section) -> list[LeftOver]:
    found = [line for line in section.lines if writing.is_furniture(line.text)]
    section.lines = [line for line in section.lines if not writing.is_furniture(line.text)]
    return list(_left(found, LeftOverReason.PAGE_FURNITURE))


def _entry(section: Section) -> ListingEntry:
    """Read a section; raises UnreadDate when its date line names no days that exist."""
    head = read_head(section.date_line)
    body = read_body(section.lines)
    text = "\n".join((body.title, body.description, body.notes, body.bring))
    hours = prose.hours_in(text)
    times = read_times([*head.times, *(line.text for line in section.lines)], head.dates.days)
    contradiction = _contradiction(head.place, body)
    return ListingEntry(
        line=section.line,
        date_line=section.date_line,
        dates=head.dates.days,
        title=body.title,
        online=None if contradiction else head.place.online,
        venue=head.place.venue,
        city=head.place.city,
        province=head.place.province,
        zone=head.place.zone,
        language=head.language,
        fee_affiliate_cents=head.fees.affiliate,
        fee_other_cents=head.fees.other,
        hours=hours[0] if len(hours) == 1 else None,
        description=body.description,
        bring=body.bring,
        prerequisites="; ".join(prose.prerequisites_in(text)),
        notes=body.notes,
        series=prose.series_in(text),
        suggested_times=times.suggested,
        flags=(
            *_date_flags(head.dates),
            *_place_flags(head.place, contradiction),
            *_word_flags(head, body),
            *_fee_flags(head.fees, text),
            *_hour_flags(hours, len(head.dates.days), times),
        ),
    )


def _contradiction(place: Place, body: Body) -> str:
    """Return the words in which place and description contradict each other, or ""."""
    if place.contradictory:
        return ", ".join(part for part in (place.venue, place.city) if part) or "?"
    if place.online:
        return prose.says_in_person(body.description)
    if place.city or place.venue:
        return prose.says_online(body.title, body.description)
    return ""


def _flag(code: FlagCode, detail: str = "") -> Flag:
    return Flag(code, detail if len(detail) <= _LONGEST_DETAIL else f"{detail[:_LONGEST_DETAIL]}…")


def _date_flags(dates: DatesRead) -> Iterator[Flag]:
    if dates.wrong_weekday:
        yield _flag(FlagCode.DATE_UNCLEAR, dates.wrong_weekday)


def _place_flags(place: Place, contradiction: str) -> Iterator[Flag]:
    if contradiction:
        yield _flag(FlagCode.PLACE_AND_ONLINE, contradiction)
    if place.missing:
        yield _flag(FlagCode.NO_PLACE, place.venue)
    if not place.province:
        yield _flag(FlagCode.UNKNOWN_PROVINCE)


def _word_flags(head: Head, body: Body) -> Iterator[Flag]:
    if not body.title:
        yield _flag(FlagCode.NO_TITLE)
    if not head.language:
        yield _flag(FlagCode.NO_LANGUAGE, ", ".join(head.languages))
    if head.unread:
        yield _flag(FlagCode.UNREAD_CELL, " | ".join(head.unread))


def _fee_flags(fees: Fees, text: str) -> Iterator[Flag]:
    unclear = fees.unclear or fee_in_prose(text, fees)
    if unclear:
        yield _flag(FlagCode.FEE_UNCLEAR, unclear)


def _hour_flags(hours: Sequence[float], days: int, times: TimesFound) -> Iterator[Flag]:
    lowest = days * _FEWEST_HOURS_A_DAY if days > 1 else 0
    fits = all(lowest <= length <= days * _MOST_HOURS_A_DAY for length in hours)
    if len(hours) > 1 or not fits:
        yield _flag(FlagCode.HOURS_UNCLEAR, ", ".join(f"{length:g}" for length in hours))
    if times.quoted:
        yield _flag(FlagCode.TIMES_IN_DESCRIPTION, times.quoted)
