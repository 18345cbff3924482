"""The stable JSON form of a listing's entry, in which what was imported is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from services.catalog.listing.entry import Flag, FlagCode, ListingEntry, SuggestedTime

Facts: TypeAlias = dict[str, Any]

_AS_THEY_ARE = (
    "line",
    "date_line",
    "title",
    "online",
    "venue",
    "city",
    "province",
    "zone",
    "language",
    "fee_affiliate_cents",
    "fee_other_cents",
    "hours",
    "description",
    "bring",
    "prerequisites",
    "notes",
    "series",
)


def entry_facts(entry: ListingEntry) -> Facts:
    """Write an entry as JSON values; `entry_from_facts` reads them back."""
    return {
        **{name: getattr(entry, name) for name in _AS_THEY_ARE},
        "dates": [day.isoformat() for day in entry.dates],
        "suggested_times": [
            {
                "date": time.day.isoformat() if time.day else None,
                "starts": time.starts,
                "ends": time.ends,
            }
            for time in entry.suggested_times
        ],
        "flags": [{"code": flag.code.value, "detail": flag.detail} for flag in entry.flags],
    }


def entry_from_facts(facts: Mapping[str, Any]) -> ListingEntry:
    """Read an entry from its stored form; a field that was not stored yet says nothing.

    Raises KeyError without line, date line or dates, and ValueError for a date or flag that
    does not exist.
    """
    known = {name: facts[name] for name in _AS_THEY_ARE if name in facts}
    known |= {"line": facts["line"], "date_line": facts["date_line"]}
    return ListingEntry(
        **known,
        dates=tuple(date.fromisoformat(day) for day in facts["dates"]),
        suggested_times=tuple(_suggested(time) for time in facts.get("suggested_times", ())),
        flags=tuple(
            Flag(FlagCode(flag["code"]), flag["detail"]) for flag in facts.get("flags", ())
        ),
    )


def _suggested(time: Mapping[str, Any]) -> SuggestedTime:
    day = date.fromisoformat(time["date"]) if time["date"] else None
    return SuggestedTime(day, time["starts"], time["ends"])
