"""What staff and programs send to the catalogue: one schema for each form and its API twin."""

import re
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from marshmallow import EXCLUDE, ValidationError, fields, validate, validates_schema

from services.catalog.publication import FEWEST_SEATS, LONGEST_TITLE, MOST_SEATS
from services.catalog.schedule import DEFAULT_ZONE, ZONES
from services.catalog.words import PROVINCES
from services.chassis.fields import (
    Choice,
    ClockTime,
    DayField,
    Dollars,
    Email,
    Flag,
    Identifier,
    Input,
    Text,
    Whole,
)
from services.contracts.shapes import LANGUAGES, SESSION_LANGUAGES

YEARS = range(2000, 2100)
MOST_DAYS = 31
MOST_CONTACTS = 20
Date = TypeVar("Date", date, datetime)
_HOURS = re.compile(r"\s*\d{1,3}(\.\d{1,2})?\s*", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII
)
_END_BEFORE_START = _("This must be later than the start.")


class Link(Text):
    """An address on the web."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and not _is_web_address(text):
            raise ValidationError(_("This is not a web address, such as https://example.org/room."))
        return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in text


class Moment(fields.Field[datetime]):
    """A moment such as 2026-02-28T09:00; without an offset it is local to the session's zone."""

    def __init__(self, **options: Any) -> None:
        described = {"type": "string", "pattern": f"^{_MOMENT.pattern}$"}
        super().__init__(metadata=described, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        message = _("This is not a date with a time, such as 2026-02-28T09:00.")
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise ValidationError(message)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as problem:
            raise ValidationError(message) from problem
        return _in_this_century(moment)


class Hours(fields.Float):
    """A length in hours."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own way
        "invalid": _("This is not a number of hours, such as 6 or 7.5."),
    }

    def __init__(self, **options: Any) -> None:
        message = _("This must be from 0.5 to 300.")
        described = {"type": ["number", "string"]}
        super().__init__(
            validate=validate.Range(0.5, 300, error=message), metadata=described, **options
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, str) and not _HOURS.fullmatch(value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **kwargs)


class DayOfSession(DayField):
    """A date in this century: other years are slips of the pen."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day = super()._deserialize(value, attr, data, **kwargs)
        return _in_this_century(day)


class DayInput(Input):
    """A day of a session in its own zone; without times they are to be announced."""

    date = DayOfSession(required=True)
    starts = ClockTime(load_default=None, allow_none=True)
    ends = ClockTime(load_default=None, allow_none=True)

    @validates_schema
    def _ends_after_start(self, data: dict[str, Any], **_kwargs: Any) -> None:
        refuse_backwards(data)


class ContactInput(Input):
    """A facilitator or a host."""

    name = Text(200, required=True)
    email = Email(required=True)
    language = Choice(LANGUAGES, load_default="en")


class WorkshopInput(Input):
    """What is taught, in both languages; descriptions are Markdown."""

    title_en = Text(LONGEST_TITLE, load_default="")
    title_fr = Text(LONGEST_TITLE, load_default="")
    description_en = Text(20_000, lines=True, load_default="")
    description_fr = Text(20_000, lines=True, load_default="")
    bring_en = Text(4_000, lines=True, load_default="")
    bring_fr = Text(4_000, lines=True, load_default="")
    prerequisites_en = Text(4_000, lines=True, load_default="")
    prerequisites_fr = Text(4_000, lines=True, load_default="")
    topic = Text(80, load_default="")
    series = Text(120, load_default="")
    hours = Hours(load_default=None, allow_none=True)


class NewWorkshop(WorkshopInput):
    """A workshop made by hand has a title in at least one language."""

    @validates_schema
    def _has_title(self, data: dict[str, Any], **_kwargs: Any) -> None:
        if not data["title_en"] and not data["title_fr"]:
            raise ValidationError(_("Please give a title in one language at least."), "title_en")


class SessionInput(Input):
    """A dated session; what a draft leaves open must be settled before it is published."""

    days = fields.List(fields.Nested(DayInput), load_default=list)
    zone = Choice(ZONES, load_default=DEFAULT_ZONE)
    online = Flag(load_default=None, allow_none=True)
    venue = Text(200, load_default="")
    city = Text(100, load_default="")
    province = Choice(["", *PROVINCES], load_default="")
    room = Text(200, load_default="")
    join_link = Link(500, load_default="")
    language = Choice(["", *SESSION_LANGUAGES], load_default="")
    capacity = Whole(FEWEST_SEATS, MOST_SEATS, load_default=None, allow_none=True)
    fee_affiliate = Dollars(attribute="fee_affiliate_cents", load_default=None, allow_none=True)
    fee_other = Dollars(attribute="fee_other_cents", load_default=None, allow_none=True)
    closes_at = Moment(load_default=None, allow_none=True)
    auto_promote = Flag()
    facilitators = fields.List(fields.Nested(ContactInput), load_default=list)
    host = fields.Nested(ContactInput, load_default=None, allow_none=True)
    area = Text(100, load_default="")
    notes = Text(5_000, lines=True, load_default="")

    @validates_schema
    def _is_bounded(self, data: dict[str, Any], **_kwargs: Any) -> None:
        days = [day["date"] for day in data.get("days", [])]
        if len(days) != len(set(days)):
            raise ValidationError(_("The same day is given twice."), "days")
        if len(days) > MOST_DAYS:
            raise ValidationError(_("A session has at most 31 days."), "days")
        if len(data.get("facilitators", [])) > MOST_CONTACTS:
            raise ValidationError(_("There are at most 20 facilitators."), "facilitators")


class NewSession(SessionInput):
    """A session of a workshop that is there already."""

    workshop_id = Identifier(required=True)


class SessionForm(SessionInput, WorkshopInput):
    """The staff page of a session: its own fields, its workshop's texts, and why they change."""

    version = Whole(0, 10**9, load_default=None)
    reason = Text(500, load_default="")
    then = Choice(["", "publish"], load_default="")


class ReasonedChange(SessionInput):
    """Changes of a session; a reason is needed where members must be told of them."""

    reason = Text(500, load_default="")


class Cancellation(Input):
    """Why a session is cancelled; members read it."""

    reason = Text(500, required=True)


class CapacityChange(Input):
    """Another number of seats, and why."""

    capacity = Whole(FEWEST_SEATS, MOST_SEATS, required=True)
    reason = Text(500, required=True)


class BulkChange(Input):
    """One pattern for many drafts; what is left empty stays as it is."""

    session_ids = fields.List(Identifier(), load_default=list)
    every = Flag()
    starts = ClockTime()
    ends = ClockTime()
    capacity = Whole(FEWEST_SEATS, MOST_SEATS)
    fee_affiliate = Dollars(attribute="fee_affiliate_cents")
    fee_other = Dollars(attribute="fee_other_cents")
    topic = Text(80)

    @validates_schema
    def _is_a_pattern(self, data: dict[str, Any], **_kwargs: Any) -> None:
        refuse_backwards(data)
        if not data["session_ids"] and not data["every"]:
            raise ValidationError(_("Choose the drafts to change."), "session_ids")
        if ("starts" in data) != ("ends" in data):
            missing = "ends" if "starts" in data else "starts"
            raise ValidationError(_("Please give the start and the end."), missing)
        if not data.keys() - {"session_ids", "every"}:
            raise ValidationError(_("Fill in what the drafts are to be given."), "starts")


class ChosenDrafts(Input):
    """Drafts that were ticked in the list; the pattern beside them is of no concern here."""

    class Meta:
        """The form has the fields of the bulk change too."""

        unknown = EXCLUDE

    session_ids = fields.List(Identifier(), load_default=list)
    every = Flag()


class SettledFlag(Input):
    """Which flag has been looked at."""

    key = Text(200, required=True)


class AnotherDate(Input):
    """When a copy of a session begins."""

    first_day = DayOfSession(required=True)


def only_changes(schema: type[Input]) -> Input:
    """The schema for a change of some fields; a list that is given is given in full."""
    return schema(partial=tuple(schema().fields))


def _in_this_century(value: Date) -> Date:
    if value.year not in YEARS:
        raise ValidationError(
            _("The year must be from %(first)d to %(last)d.", first=YEARS[0], last=YEARS[-1])
        )
    return value


def refuse_backwards(data: dict[str, Any]) -> None:
    """Complain about an end that is not after its start, where both are given."""
    starts, ends = data.get("starts"), data.get("ends")
    if starts is not None and ends is not None and ends <= starts:
        raise ValidationError(_END_BEFORE_START, "ends")
