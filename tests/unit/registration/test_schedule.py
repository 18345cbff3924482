"""When mail is due, over zones, nights, holidays and the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from services.registration.schedule import (
    AFTER_CLOSE,
    DAY_BEFORE,
    LEAST_NOTICE,
    REMINDER,
    ROSTERS,
    THREE_DAYS,
    Times,
    digest_until,
    is_night,
    moments,
    next_digest,
    offer_reminder,
)
from services.registration.waitlist import half_time
from services.registration.working_days import holidays_of, is_working_day

TORONTO = ZoneInfo("America/Toronto")
ONTARIO = holidays_of("ON")
ZONES = st.sampled_from(
    [
        *("America/St_Johns", "America/Halifax", "America/Toronto", "America/Regina"),
        *("America/Edmonton", "America/Vancouver", "America/Iqaluit", "Asia/Kathmandu"),
    ]
).map(ZoneInfo)
PROVINCES = st.sampled_from(["ON", "QC", "BC", "NL", "NU", "", "??"])
DAYS = st.dates(date(2025, 1, 1), date(2030, 12, 31))
INSTANTS = st.integers(0, 6 * 366 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def toronto(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=TORONTO)


def times(first_day: date, closes_at: datetime | None = None, **but: object) -> Times:
    """A session in Ontario that closes as it begins, unless told otherwise."""
    closes = closes_at or datetime.combine(first_day, time(9), TORONTO)
    known = {"first_day": first_day, "closes_at": closes, "zone": TORONTO, "is_holiday": ONTARIO}
    return Times(**(known | but))  # type: ignore[arg-type]


@st.composite
def sessions(draw: st.DrawFn) -> Times:
    first = draw(DAYS)
    start = datetime.combine(first, time(0), UTC)
    early = timedelta(minutes=draw(st.integers(-2 * 24 * 60, 60 * 24 * 60)))
    return Times(first, start - early, draw(ZONES), holidays_of(draw(PROVINCES)))


@given(sessions())
def test_members_are_reminded_at_nine_three_days_before_wherever_they_are(given: Times) -> None:
    local = moments(given)[REMINDER].astimezone(given.zone)
    assert local.time() == time(9)
    assert given.first_day - local.date() == timedelta(days=3)
    assert not is_night(local, given.zone)


@given(sessions())
def test_rosters_come_in_working_hours_of_a_working_day_before_the_session(given: Times) -> None:
    due = moments(given)
    for occasion in ROSTERS:
        if occasion in due:
            local = due[occasion].astimezone(given.zone)
            assert is_working_day(local.date(), given.is_holiday)
            assert time(9) <= local.time() < time(17)
            assert local.date() < given.first_day


@given(sessions())
def test_a_roster_is_as_late_as_working_days_allow(given: Times) -> None:
    due = moments(given)
    for occasion, days in ((THREE_DAYS, 3), (DAY_BEFORE, 1)):
        wanted = given.first_day - timedelta(days=days)
        found = due[occasion].astimezone(given.zone).date()
        between = [found + timedelta(days=each) for each in range(1, (wanted - found).days + 1)]
        assert found <= wanted
        assert not any(is_working_day(day, given.is_holiday) for day in between)


@given(sessions())
def test_no_two_rosters_are_due_at_once_and_they_keep_their_order(given: Times) -> None:
    due = moments(given)
    order = [due[each] for each in ROSTERS if each in due]
    assert order == sorted(set(order))


@given(sessions())
def test_the_roster_after_closing_is_never_on_the_day_of_another_nor_before_closing(
    given: Times,
) -> None:
    due = moments(given)
    days = [due[each].astimezone(given.zone).date() for each in (THREE_DAYS, DAY_BEFORE)]
    if AFTER_CLOSE in due:
        assert due[AFTER_CLOSE] >= given.closes_at
        assert due[AFTER_CLOSE].astimezone(given.zone).date() not in days


@given(ZONES, INSTANTS, st.integers(1, 5 * 24 * 60))
def test_an_offer_is_recalled_by_day_while_there_is_time_to_answer(
    zone: ZoneInfo, offered_at: datetime, minutes: int
) -> None:
    until = offered_at + timedelta(minutes=minutes)
    moment = offer_reminder(offered_at, until, zone)
    half = half_time(offered_at, until)
    if not is_night(half, zone):
        assert moment == half
    if moment is not None:
        assert offered_at < moment < until
        assert not is_night(moment, zone)
        assert moment == half or until - moment >= LEAST_NOTICE


@given(ZONES, INSTANTS)
def test_an_offer_of_two_days_is_always_recalled(zone: ZoneInfo, offered_at: datetime) -> None:
    assert offer_reminder(offered_at, offered_at + timedelta(hours=48), zone) is not None


def test_half_time_at_night_becomes_the_next_morning_or_the_evening_before() -> None:
    for offered_at, until, comes in (
        ("2026-03-03T22:00", "2026-03-04T09:00", toronto("2026-03-04T08:00")),
        ("2026-03-03T15:30", "2026-03-04T08:30", toronto("2026-03-03T20:00")),
        ("2026-03-03T23:00", "2026-03-04T08:30", None),
    ):
        assert offer_reminder(toronto(offered_at), toronto(until), TORONTO) == comes


def test_before_a_monday_the_second_roster_waits_for_the_afternoon_of_friday() -> None:
    due = moments(times(date(2026, 3, 9)))
    assert due[THREE_DAYS] == toronto("2026-03-06T09:00")
    assert due[DAY_BEFORE] == toronto("2026-03-06T16:00")
    assert due[REMINDER] == toronto("2026-03-06T09:00")


def test_after_a_long_weekend_rosters_come_before_it_and_the_reminder_on_good_friday() -> None:
    due = moments(times(date(2026, 4, 6)))  # Easter Monday; Good Friday is the third.
    assert due[THREE_DAYS] == toronto("2026-04-02T09:00")
    assert due[DAY_BEFORE] == toronto("2026-04-02T16:00")
    assert due[REMINDER] == toronto("2026-04-03T09:00")


def test_holidays_are_those_of_the_province() -> None:
    saint_jean = date(2026, 6, 24)  # A Wednesday, three days before a Saturday.
    in_quebec = moments(times(date(2026, 6, 27), is_holiday=holidays_of("QC")))
    assert in_quebec[THREE_DAYS].date() == saint_jean - timedelta(days=1)
    assert moments(times(date(2026, 6, 27)))[THREE_DAYS].date() == saint_jean


def test_nine_oclock_is_nine_oclock_on_both_sides_of_a_change_of_clocks() -> None:
    assert moments(times(date(2026, 3, 10)))[REMINDER] == datetime(2026, 3, 7, 14, tzinfo=UTC)
    assert moments(times(date(2026, 3, 11)))[REMINDER] == datetime(2026, 3, 8, 13, tzinfo=UTC)


def test_a_roster_follows_closing_in_the_next_working_hour() -> None:
    for closes, comes in (
        ("2026-03-11T13:30", "2026-03-11T13:30"),
        ("2026-03-11T06:00", "2026-03-11T09:00"),
        ("2026-03-11T17:00", "2026-03-12T09:00"),
        ("2026-03-13T23:59", "2026-03-16T09:00"),
        ("2026-03-14T12:00", "2026-03-16T09:00"),
    ):
        due = moments(times(date(2026, 3, 27), toronto(closes)))
        assert due[AFTER_CLOSE] == toronto(comes)
    late = toronto("2026-03-23T17:00")  # The list of the 24th tells it.
    assert AFTER_CLOSE not in moments(times(date(2026, 3, 27), late))


@given(INSTANTS)
def test_each_digest_ends_where_the_last_one_ended_or_later(now: datetime) -> None:
    until = digest_until(now, TORONTO, ONTARIO)
    if until is not None:
        assert until < now
        assert is_working_day(now.astimezone(TORONTO).date(), ONTARIO)
        assert until.astimezone(TORONTO).time() == time(8)
    following = next_digest(now, TORONTO, ONTARIO)
    assert following > now
    assert digest_until(following + timedelta(minutes=1), TORONTO, ONTARIO) == following


def test_a_digest_waits_a_minute_for_what_was_begun_before_and_for_monday() -> None:
    friday = toronto("2026-03-06T08:00")
    assert digest_until(friday, TORONTO, ONTARIO) is None
    assert digest_until(friday + timedelta(minutes=1), TORONTO, ONTARIO) == friday
    assert digest_until(friday + timedelta(hours=8, minutes=59), TORONTO, ONTARIO) == friday
    assert digest_until(friday + timedelta(hours=9), TORONTO, ONTARIO) is None
    assert digest_until(friday + timedelta(days=1, hours=1), TORONTO, ONTARIO) is None
    monday = toronto("2026-03-09T08:00")
    assert next_digest(friday, TORONTO, ONTARIO) == monday
