"""One month as a calendar: its weeks, its days, and on each day what is on."""

from calendar import SUNDAY, Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import get_day_names
from markupsafe import Markup

from services.catalog.session_view import SessionView
from services.documents.dates import day_text, month_text

_WEEKDAYS_FROM_SUNDAY = (6, 0, 1, 2, 3, 4, 5)
_CALENDAR = Calendar(firstweekday=SUNDAY)
FIRST_YEAR, LAST_YEAR = 2000, 2099


@dataclass(frozen=True)
class Entry:
    """A session on one of its days; one of several days continues from day to day."""

    href: str
    title: Markup
    time_text: str
    place_text: str
    tone: str
    seats_text: str
    continues_before: bool
    continues_after: bool
    language: str


@dataclass(frozen=True)
class MonthDay:
    """A day in the grid; the first and last weeks have days of the months beside."""

    date: date
    number: int
    in_month: bool
    is_today: bool
    label: str
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Month:
    """What the macro `month_calendar` draws; `previous` and `next` are (href, label)."""

    label: str
    previous: tuple[str, str] | None
    next: tuple[str, str] | None
    weekdays: Sequence[tuple[str, str]]
    weeks: Sequence[Sequence[MonthDay]]


def bounds(first: date) -> tuple[date, date]:
    """The first and last day that the month's grid shows."""
    days = list(_CALENDAR.itermonthdates(first.year, first.month))
    return days[0], days[-1]


def month_before(first: date) -> date:
    """The first day of the month before."""
    return (first - timedelta(days=1)).replace(day=1)


def month_after(first: date) -> date:
    """The first day of the month after."""
    return (first + timedelta(days=31)).replace(day=1)


def weekday_names(language: str) -> list[tuple[str, str]]:
    """The days of the week, in full and short, from Sunday."""
    locale = f"{language}_CA"
    full = get_day_names("wide", locale=locale)
    short = get_day_names("abbreviated", locale=locale)
    return [(full[each], short[each]) for each in _WEEKDAYS_FROM_SUNDAY]


def month_of(
    first: date,
    sessions: Sequence[SessionView],
    *,
    today: date,
    language: str,
    ways: tuple[tuple[str, str] | None, tuple[str, str] | None],
) -> Month:
    """Draw up the month that begins on `first`; `ways` lead to the months before and after."""
    weeks = _CALENDAR.monthdatescalendar(first.year, first.month)
    return Month(
        label=_capitalised(month_text(first, language)),
        previous=ways[0],
        next=ways[1],
        weekdays=weekday_names(language),
        weeks=[
            [
                MonthDay(
                    date=day,
                    number=day.day,
                    in_month=day.month == first.month,
                    is_today=day == today,
                    label=day_text(day, language),
                    entries=_entries(day, sessions, language),
                )
                for day in week
            ]
            for week in weeks
        ],
    )


def _entries(day: date, sessions: Sequence[SessionView], language: str) -> list[Entry]:
    return [
        _entry(session, day, language)
        for session in sessions
        if any(each.date == day for each in session.days)
    ]


def _entry(session: SessionView, day: date, language: str) -> Entry:
    dates = {each.date for each in session.days}
    return Entry(
        href=session.href,
        title=session.title,
        time_text=session.hours_on(day, language),
        place_text=session.place_text,
        tone=session.tone,
        seats_text=session.seats_text,
        continues_before=day - timedelta(days=1) in dates,
        continues_after=day + timedelta(days=1) in dates,
        language=session.language_text,
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
