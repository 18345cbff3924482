"""When mail is due: a session's mails, an offer's reminder, the digest. No Flask, no database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.registration.waitlist import MORNING, NIGHT, half_time
from services.registration.working_days import (
    IsHoliday,
    is_working_day,
    working_day_from,
    working_day_until,
)

REMINDER, AFTER_CLOSE = "reminder", "after_close"
THREE_DAYS, DAY_BEFORE = "three_days", "day_before"
ROSTERS = (AFTER_CLOSE, THREE_DAYS, DAY_BEFORE)
"""The rosters that go out by themselves, in the order in which they are due."""

OPENING, CLOSING = time(9), time(17)
LAST_ERRANDS = time(16)
EVENING = time(20)
DIGEST_AT = time(8)
LONGEST_TRANSACTION = timedelta(minutes=1)
LEAST_NOTICE = timedelta(hours=1)


@dataclass(frozen=True)
class Times:
    """What decides about a session's mails; days and hours count in its own zone."""

    first_day: date
    closes_at: datetime
    zone: ZoneInfo
    is_holiday: IsHoliday


def moments(times: Times) -> dict[str, datetime]:
    """When each mail of a session is due, in UTC.

    Members get their reminder three days before, on whatever day that is: they read their own
    mail on any, and it is meant for three days' notice. A roster goes to people at work, so it
    comes on a working day, the last one that is early enough.
    """
    roster_day = _working_day_before(times, 3)
    last_day = _working_day_before(times, 1)
    found = {
        REMINDER: _at(times.first_day - timedelta(days=3), OPENING, times.zone),
        THREE_DAYS: _at(roster_day, OPENING, times.zone),
        # Both fall on the same Friday before a Monday: the second then waits for its afternoon.
        DAY_BEFORE: _at(last_day, LAST_ERRANDS if last_day == roster_day else OPENING, times.zone),
    }
    closed = _first_working_hour(times)
    if closed.date() < roster_day:  # Later, the list of three days before tells it all.
        found[AFTER_CLOSE] = closed.astimezone(UTC)
    return found


def offer_reminder(offered_at: datetime, until: datetime, zone: ZoneInfo) -> datetime | None:
    """When somebody is reminded of their offer: at half time, but not at night.

    Instead of at night it comes the next morning, or the evening before where the morning would
    leave no hour to answer. None where the offer has no such moment.
    """
    half = half_time(offered_at, until)
    if not is_night(half, zone):
        return half
    local = half.astimezone(zone)
    morning_day = local.date() + timedelta(days=local.time() >= NIGHT)
    morning = _at(morning_day, MORNING, zone)
    evening = _at(morning_day - timedelta(days=1), EVENING, zone)
    fitting = (each for each in (morning, evening) if offered_at < each <= until - LEAST_NOTICE)
    return next(fitting, None)


def is_night(moment: datetime, zone: ZoneInfo) -> bool:
    """Whether members should be left in peace there."""
    return not MORNING <= moment.astimezone(zone).time() < NIGHT


def digest_until(now: datetime, zone: ZoneInfo, is_holiday: IsHoliday) -> datetime | None:
    """Until when the digest tells that may go out now; None outside working hours.

    It waits a little after the hour: what began before it has been written down by then, so that
    nothing falls between two digests.
    """
    local = now.astimezone(zone)
    until = _at(local.date(), DIGEST_AT, zone)
    may_go = is_working_day(local.date(), is_holiday) and local.time() < CLOSING
    return until if may_go and now >= until + LONGEST_TRANSACTION else None


def next_digest(now: datetime, zone: ZoneInfo, is_holiday: IsHoliday) -> datetime:
    """When the next digest is due that tells of what happens now."""
    today = now.astimezone(zone).date()
    day = today if now < _at(today, DIGEST_AT, zone) else today + timedelta(days=1)
    return _at(working_day_from(day, is_holiday), DIGEST_AT, zone)


def digest_before(until: datetime, zone: ZoneInfo, is_holiday: IsHoliday) -> datetime:
    """Where the digest ended that came before one."""
    day = until.astimezone(zone).date() - timedelta(days=1)
    return _at(working_day_until(day, is_holiday), DIGEST_AT, zone)


def _working_day_before(times: Times, days: int) -> date:
    return working_day_until(times.first_day - timedelta(days=days), times.is_holiday)


def _first_working_hour(times: Times) -> datetime:
    """The moment that registration closes, or else when people are next at work, local time."""
    closes = times.closes_at.astimezone(times.zone)
    late = closes.time() >= CLOSING
    day = working_day_from(closes.date() + timedelta(days=late), times.is_holiday)
    opening = datetime.combine(day, OPENING, times.zone)
    return max(closes, opening) if day == closes.date() else opening


def _at(day: date, hour: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, hour, zone).astimezone(UTC)
