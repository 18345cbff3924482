"""The calendar as a feed for calendar programs, by place, way of meeting, language and topic."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.catalog import words
from services.catalog.calendar_entry import session_entry
from services.catalog.queries import Filters, public_sessions_from, read_filters, when_last_changed
from services.catalog.schedule import DEFAULT_ZONE, today_in
from services.documents.calendar_feed import Changed, Feed, feed_file

KEPT_FOR = timedelta(days=31)
"""How long a session stays in the feed after its last day; later a program keeps it or not."""

REFRESH = timedelta(hours=1)


@dataclass(frozen=True)
class FeedFile:
    """The feed as it is now; `tag` is the same as long as its content is.

    No moment tells when it changed: a session that leaves it takes the newest moment along.
    """

    content: bytes
    tag: str


@dataclass(frozen=True)
class Subscription:
    """Where a feed is: for calendar programs, and as a plain address to copy."""

    program: str
    address: str


def feed(
    db: Session, asked: Mapping[str, str], *, base_url: str, language: str, now: datetime
) -> FeedFile:
    """All that is public, matches the filters, and is ahead or not long past."""
    filters = read_filters(asked)
    sessions = public_sessions_from(db, today_in(DEFAULT_ZONE, now) - KEPT_FOR, filters)
    moments = when_last_changed(db, [each.id for each in sessions])
    entries = tuple(
        Changed(
            session_entry(each, base_url=base_url, language=language),
            moments.get(each.id, each.created_at),
        )
        for each in sessions
    )
    source = subscription(filters, base_url, language).address
    content = feed_file(Feed(name=_name(filters), source=source, refresh=REFRESH), entries)
    tag = hashlib.sha256(content).hexdigest()[:32]
    return FeedFile(content, tag)


def subscription(filters: Filters, base_url: str, language: str) -> Subscription:
    """The addresses of the feed with these filters, in this language."""
    chosen = {name: value for name, value in asdict(filters).items() if value}
    address = f"{base_url}/calendar.ics?{urlencode(chosen | {'lang': language})}"
    return Subscription(urlsplit(address)._replace(scheme="webcal").geturl(), address)


def _name(filters: Filters) -> str:
    """What the reader's calendar program calls it."""
    province, _colon, city = filters.place.partition(":")
    place = [city, province] if city else [str(words.PROVINCES.get(province, province))]
    ways = {"yes": _("Online"), "no": _("In person")}
    language = words.LANGUAGES.get(filters.language, "")
    chosen = [*place, ways.get(filters.online, ""), str(language), filters.topic]
    what = ", ".join(str(each) for each in chosen if each)
    if not what:
        return str(_("Workshop calendar"))
    return str(_("Workshop calendar: %(what)s", what=what))
