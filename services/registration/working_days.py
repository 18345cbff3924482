"""Which days people work: weekdays that are no holiday where something takes place."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, partial

import holidays

IsHoliday = Callable[[date], bool]

_SATURDAY = 5


def holidays_of(province: str) -> IsHoliday:
    """Tells the holidays of a province by its two letters; without one, those of all Canada."""
    return partial(_is_holiday, province)


def is_working_day(day: date, is_holiday: IsHoliday) -> bool:
    """Whether people are at work on a day."""
    return day.weekday() < _SATURDAY and not is_holiday(day)


def working_day_from(day: date, is_holiday: IsHoliday) -> date:
    """The day itself when it is a working day, else the next one that is."""
    return _nearest(day, timedelta(days=1), is_holiday)


def working_day_until(day: date, is_holiday: IsHoliday) -> date:
    """The day itself when it is a working day, else the last one before it."""
    return _nearest(day, timedelta(days=-1), is_holiday)


def _nearest(day: date, step: timedelta, is_holiday: IsHoliday) -> date:
    while not is_working_day(day, is_holiday):
        day += step
    return day


def _is_holiday(province: str, day: date) -> bool:
    return day in _holidays(province)


@lru_cache(maxsize=32)
def _holidays(province: str) -> holidays.HolidayBase:
    known = holidays.list_supported_countries()["CA"]
    return holidays.country_holidays("CA", subdiv=province if province in known else None)
