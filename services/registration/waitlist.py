"""The rules of the waiting list: states and deadlines. No Flask, no database, no Celery."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PATHS: dict[str, frozenset[str]] = {
    "waiting": frozenset({"offered", "confirmed", "left", "closed", "cancelled"}),
    "offered": frozenset({"confirmed", "declined", "lapsed", "cancelled"}),
    "confirmed": frozenset({"cancelled"}),
}
"""What each state can become; a state that is missing here is an end."""

MORNING, NIGHT = time(8), time(21)
FIRST_HOUR = time(9)
SUNDAY = 6


class NoSuchPath(Exception):
    """A registration in one state was asked to become another that does not follow it."""

    reason = "no_such_path"


def check_path(before: str, after: str) -> None:
    """NoSuchPath unless `after` may follow `before`."""
    if after not in PATHS.get(before, frozenset()):
        raise NoSuchPath(f"{before} cannot become {after}")


def offer_deadline(
    now: datetime,
    *,
    starts_at: datetime,
    closes_at: datetime,
    zone: ZoneInfo,
    is_holiday: Callable[[date], bool],
) -> datetime:
    """Until when an offer stands, aware UTC as `now` is.

    48 hours; 24 inside seven days of the start; 4 inside 48 hours. It does not end at night, on
    a Sunday or on a holiday but on the next morning that is none of these; and never after
    registration closes.
    """
    wanted = (now + _time_to_answer(starts_at - now)).astimezone(zone)
    if wanted.time() >= NIGHT:
        wanted = _morning_after(wanted)
    if wanted.time() < MORNING:
        wanted = wanted.replace(hour=FIRST_HOUR.hour, minute=0, second=0, microsecond=0)
    while wanted.weekday() == SUNDAY or is_holiday(wanted.date()):
        wanted = _morning_after(wanted)
    return min(wanted.astimezone(now.tzinfo), closes_at)


def half_time(offered_at: datetime, until: datetime) -> datetime:
    """When somebody is reminded of their offer."""
    return offered_at + (until - offered_at) / 2


def _time_to_answer(left: timedelta) -> timedelta:
    if left <= timedelta(hours=48):
        return timedelta(hours=4)
    return timedelta(hours=24 if left <= timedelta(days=7) else 48)


def _morning_after(moment: datetime) -> datetime:
    return datetime.combine(moment.date() + timedelta(days=1), FIRST_HOUR, moment.tzinfo)
