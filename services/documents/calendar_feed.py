"""A calendar feed: many workshops in one file that calendar programs ask for again and again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain

from icalendar import Event, vDuration, vText

from services.documents.calendar_file import (
    CalendarEntry,
    calendar_object,
    finished,
    published_events,
)
from services.documents.printable import printable


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What a feed says of itself: its name, where it is, and how often to ask for it again."""

    name: str
    source: str
    refresh: timedelta


@dataclass(frozen=True)
class Changed:
    """An entry, and the aware moment at which it last changed."""

    entry: CalendarEntry
    at: datetime


@lru_cache(maxsize=16)
def feed_file(feed: Feed, entries: tuple[Changed, ...]) -> bytes:
    """Write the feed (RFC 7986, and the older names that most programs still read).

    Programs ask far more often than anything changes, and a thousand events take a second.
    """
    calendar = calendar_object("PUBLISH")
    name = vText(printable(feed.name))  # A bare string would go out with its commas unescaped.
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, name)
    calendar.add("source", feed.source, parameters={"VALUE": "URI"})
    calendar.add("refresh-interval", feed.refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(feed.refresh))
    return finished(calendar, chain.from_iterable(map(_events, entries)))


def _events(changed: Changed) -> Iterable[Event]:
    for event in published_events(changed.entry, changed.at):
        event.add("last-modified", changed.at)
        yield event
