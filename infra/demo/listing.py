"""The demonstration calendar: a listing of our own whose dates lie ahead of any given day."""

from __future__ import annotations

import re
from datetime import date, timedelta
from importlib import resources

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# Not strftime: the listing's months are English whatever the locale of the process.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
# "[2 sat 2]": in the third week from now, from Saturday on, for two days.
_WHEN = re.compile(r"^\[([0-9]{1,2}) ([a-z]{3}) ([1-7])\]", re.MULTILINE)


def demo_listing(today: date) -> str:
    """Return the demonstration calendar as a pasted listing; its first week begins next Monday."""
    monday = today + timedelta(days=7 - today.weekday())
    template = resources.files("infra.demo").joinpath("calendar.txt").read_text("utf-8")
    return _WHEN.sub(lambda when: _date_words(when, monday), template)


def _date_words(when: re.Match[str], monday: date) -> str:
    week, weekday, length = when.groups()
    first = monday + timedelta(weeks=int(week), days=_WEEKDAYS.index(weekday))
    last = first + timedelta(days=int(length) - 1)
    if first == last:
        return f"{_month(first)[:3]} {first.day}, {first.year}"
    return f"{_range_start(first, last)} - {_range_end(first, last)}, {last.year}"


def _range_start(first: date, last: date) -> str:
    start = f"{_month(first)} {first.day}"
    return start if first.year == last.year else f"{start}, {first.year}"


def _range_end(first: date, last: date) -> str:
    same_month = (first.year, first.month) == (last.year, last.month)
    return str(last.day) if same_month else f"{_month(last)} {last.day}"


def _month(day: date) -> str:
    return _MONTHS[day.month - 1]
