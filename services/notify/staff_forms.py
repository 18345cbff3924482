"""What staff type on the pages of mail: what to look for, where a copy goes, whom to spare."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext
from marshmallow import ValidationError, post_load, validate, validates_schema

from services.chassis.fields import (
    LONGEST_EMAIL,
    Choice,
    DayField,
    Email,
    Identifier,
    Input,
    Text,
)
from services.chassis.wall_clock import STAFF_ZONE
from services.notify.mail_log import LogFilter
from services.notify.models import STATES
from services.notify.suppressions import STREAMS
from services.notify.wording import kinds_and_words

_NO_DATE = lazy_gettext("This is not a date, such as 2026-02-28.")
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)


class StaffDay(DayField):
    """A day on the staff's clocks, within a century: beyond it a moment may not exist."""

    def __init__(self, **options: Any) -> None:
        within = validate.Range(_FIRST_DAY, _LAST_DAY, error=_NO_DATE)
        super().__init__(validate=within, **options)


class LogInput(Input):
    """What to look for in the log; days are those of the staff's clocks, both included."""

    q = Text(200)
    session = Identifier()
    batch = Identifier()
    state = Choice(STATES)
    kind = Choice(list(kinds_and_words()))
    since = StaffDay()
    until = StaffDay()

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_rest: Any) -> None:
        if "since" in data and "until" in data and data["until"] < data["since"]:
            raise ValidationError(_UNTIL_FIRST, "until")

    @post_load
    def _filter(self, data: dict[str, Any], **_rest: Any) -> dict[str, LogFilter]:
        since, until = data.get("since"), data.get("until")
        return {
            "filter": LogFilter(
                text=data.get("q", ""),
                session_id=data.get("session"),
                batch_id=data.get("batch"),
                state=data.get("state", ""),
                kind=data.get("kind", ""),
                since=_moment(since, time.min) if since else None,
                until=end_of_day(until) if until else None,
            )
        }


class CopyInput(Input):
    """Where to send a mail once more."""

    email = Email(required=True)


class NewSuppression(Input):
    """Staff stop mail to an address."""

    email = Email(required=True)
    stream = Choice(STREAMS, required=True)
    words = Text(500, required=True)
    until = StaffDay()


class Lifting(Input):
    """Staff let mail go to an address again."""

    reason = Text(500, required=True)


class AddressSearch(Input):
    """A part of an address."""

    search = Text(LONGEST_EMAIL)


def end_of_day(day: date) -> datetime:
    """The last moment of a day on the staff's clocks."""
    return _moment(day, time.max)


_UNTIL_FIRST: LazyString = lazy_gettext("The last day is before the first.")


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZoneInfo(STAFF_ZONE))
