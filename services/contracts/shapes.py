"""Shapes that several events share: words in two languages, days, people, sessions."""

import json
from datetime import UTC
from functools import lru_cache
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

LANGUAGES = ("en", "fr")
SESSION_LANGUAGES = (*LANGUAGES, "bilingual")


class Shape(Schema):
    """A part of an event; fields that a later version adds are ignored."""

    class Meta:
        """Unknown fields come from a newer producer."""

        unknown = EXCLUDE


class Words(Shape):
    """One text in both languages; an empty string says that it has not been written."""

    en = fields.String(required=True)
    fr = fields.String(required=True)


class Day(Shape):
    """A day of a session, local to its zone; without times they are to be announced."""

    date = fields.Date(required=True)
    starts = fields.Time(load_default=None, allow_none=True, format="%H:%M")
    ends = fields.Time(load_default=None, allow_none=True, format="%H:%M")


class Contact(Shape):
    """Somebody to write to, in their language."""

    name = fields.String(required=True)
    email = fields.String(required=True)
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))


class WhenAndWhere(Shape):
    """What a change of a session can move, and what a mail says of old and new."""

    days = fields.List(fields.Nested(Day), required=True, validate=validate.Length(min=1))
    zone = fields.String(required=True)
    online = fields.Boolean(required=True)
    place = fields.String(required=True)
    room = fields.String(load_default="")


class SessionSummary(WhenAndWhere):
    """A session as a member's mail tells of it; the join link only where they are confirmed.

    `area` says whose coordinators look after it; without one it is everybody's.
    """

    session_id = fields.UUID(required=True)
    title = fields.Nested(Words, required=True)
    language = fields.String(required=True, validate=validate.OneOf(SESSION_LANGUAGES))
    join_link = fields.String(load_default="")
    bring = fields.Nested(Words, required=True)
    prerequisites = fields.Nested(Words, required=True)
    calendar_sequence = fields.Integer(load_default=0)
    area = fields.String()


class Remembered(fields.Nested):
    """A part that a thousand events have alike, read once: nobody may change what they get."""

    def _deserialize(self, value: Any, *_where: Any, **_options: Any) -> Any:
        return _read(self, json.dumps(value))

    def read(self, value: Any) -> Any:
        """The part in Python values; ValidationError when it is wrong."""
        return super()._deserialize(value, None, None)


@lru_cache(maxsize=64)
def _read(field: Remembered, text: str) -> Any:
    return field.read(json.loads(text))


class Moment(fields.AwareDateTime):
    """An instant; UTC in code whatever offset it was written with."""

    def __init__(self, **options: object) -> None:
        super().__init__(default_timezone=UTC, **options)  # type: ignore[arg-type]
