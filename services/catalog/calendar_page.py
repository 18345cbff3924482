"""The public calendar: which month, which filters, and what they find."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.catalog import words
from services.catalog.feed import Subscription, subscription
from services.catalog.month import (
    FIRST_YEAR,
    LAST_YEAR,
    Month,
    bounds,
    month_after,
    month_before,
    month_of,
)
from services.catalog.queries import (
    Filters,
    next_day_with_session,
    public_places,
    public_topics,
    read_filters,
    sessions_between,
)
from services.catalog.schedule import DEFAULT_ZONE, today_in
from services.catalog.session_view import SessionView, session_view
from services.chassis.forms import Form
from services.documents.dates import month_text

Option = tuple[str, str]


@dataclass(frozen=True)
class CalendarPage:
    """All that the calendar's template shows; `later` leads to the next month with sessions.

    `feed` has the same filters, and no month.
    """

    month: Month
    month_value: str
    sessions: Sequence[SessionView]
    form: Form
    places: Sequence[Option]
    topics: Sequence[Option]
    is_filtered: bool
    skipped: str
    later: Option | None
    feed: Subscription


def calendar_page(
    db: Session, asked: Mapping[str, str], *, base_url: str, language: str, now: datetime
) -> CalendarPage:
    """Read month and filters from the address; without a month, the next one with sessions."""
    filters = read_filters(asked)
    kept = asdict(filters)
    today = today_in(DEFAULT_ZONE, now)
    present = today.replace(day=1)
    wanted = _month_in(asked.get("month", ""))
    first = wanted or _first_month_with_sessions(db, present, filters)
    found = sessions_between(db, *bounds(first), filters)
    views = [session_view(session, language, now) for session in found]
    in_month = [view for view in views if any(_is_in(day.date, first) for day in view.days)]
    later = None if in_month else next_day_with_session(db, max(bounds(first)[1], today), filters)
    return CalendarPage(
        month=month_of(first, views, today=today, language=language, ways=_ways(first, kept)),
        month_value=_value(first),
        sessions=in_month,
        form=Form(values=dict(kept)),
        places=_place_options(db),
        topics=[(topic, topic) for topic in public_topics(db)],
        is_filtered=any(kept.values()),
        skipped=month_text(present, language) if not wanted and first != present else "",
        later=_way(later.replace(day=1), kept, language) if later else None,
        feed=subscription(filters, base_url, language),
    )


def _month_in(text: str) -> date | None:
    """The first day of a month such as 2026-02; None where it is no month."""
    try:
        first = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None
    return first if FIRST_YEAR <= first.year <= LAST_YEAR else None


def _first_month_with_sessions(db: Session, present: date, filters: Filters) -> date:
    """The present month, or the next one that has a session when this one has none."""
    last = month_after(present)
    if any(
        _is_in(day.date, present)
        for session in sessions_between(db, present, last, filters)
        for day in session.days
    ):
        return present
    following = next_day_with_session(db, present, filters)
    return following.replace(day=1) if following else present


def _is_in(day: date, first: date) -> bool:
    return (day.year, day.month) == (first.year, first.month)


def _value(first: date) -> str:
    return f"{first:%Y-%m}"


def _ways(first: date, kept: Mapping[str, str]) -> tuple[Option | None, Option | None]:
    before, after = month_before(first), month_after(first)
    return (
        (_href(before, kept), _("Previous month")) if before.year >= FIRST_YEAR else None,
        (_href(after, kept), _("Next month")) if after.year <= LAST_YEAR else None,
    )


def _way(first: date, kept: Mapping[str, str], language: str) -> Option:
    return _href(first, kept), month_text(first, language)


def _href(first: date, kept: Mapping[str, str]) -> str:
    filters = {name: value for name, value in kept.items() if value}
    return f"/?{urlencode({'month': _value(first), **filters})}"


def _place_options(db: Session) -> list[Option]:
    """Each province, and below it its towns."""
    options: list[Option] = []
    for province, city in public_places(db):
        whole = (province, str(words.PROVINCES.get(province, province)))
        if whole not in options:
            options.append(whole)
        if city:
            options.append((f"{province}:{city}", f"{city}, {province}"))
    return options
