"""What the JSON API is asked and what it answers; nothing private is in a public answer."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from services.catalog.availability import OPEN, WAITLIST, availability
from services.catalog.models import WorkshopSession
from services.catalog.schedule import closing_of, day_values
from services.catalog.words import PROVINCES
from services.chassis.fields import Choice, DayField, Dollars, Flag, Input, Text
from services.contracts.shapes import SESSION_LANGUAGES, Contact, Day, Words

_TEXTS = ("title", "description", "bring", "prerequisites")


class SessionQuery(Input):
    """Which sessions: those with a day from `from` (default: today) up to `to`."""

    first = DayField(data_key="from")
    last = DayField(data_key="to")
    language = Choice(SESSION_LANGUAGES, load_default="")
    province = Choice(list(PROVINCES), load_default="")
    online = Flag(load_default=None)
    topic = Text(120, load_default="")


class WorkshopOut(Schema):
    """A workshop; a text that is an empty string has not been written in that language."""

    id = fields.UUID()
    title = fields.Nested(Words)
    description = fields.Nested(Words, metadata={"description": "Markdown"})
    bring = fields.Nested(Words)
    prerequisites = fields.Nested(Words)
    topic = fields.String()
    series = fields.String()
    hours = fields.Float(allow_none=True)


class SessionOut(Schema):
    """A dated session as everybody may see it; amounts are decimal strings in dollars."""

    id = fields.UUID()
    workshop_id = fields.UUID()
    status = fields.String()
    title = fields.Nested(Words)
    description = fields.Nested(Words, metadata={"description": "Markdown"})
    bring = fields.Nested(Words)
    prerequisites = fields.Nested(Words)
    topic = fields.String()
    series = fields.String()
    hours = fields.Float(allow_none=True)
    language = fields.String()
    days = fields.List(fields.Nested(Day))
    zone = fields.String()
    online = fields.Boolean(allow_none=True)
    place = fields.String()
    venue = fields.String()
    city = fields.String()
    province = fields.String()
    fee_affiliate = Dollars(metadata={"type": "string"}, allow_none=True)
    fee_other = Dollars(metadata={"type": "string"}, allow_none=True)
    capacity = fields.Integer(allow_none=True)
    seats_left = fields.Integer()
    waitlist_open = fields.Boolean()
    sign_up_open = fields.Boolean()
    closes_at = fields.AwareDateTime(allow_none=True)
    url = fields.String()


class StaffSessionOut(SessionOut):
    """A session as staff see it."""

    room = fields.String()
    join_link = fields.String()
    auto_promote = fields.Boolean()
    facilitators = fields.List(fields.Nested(Contact))
    host = fields.Nested(Contact, allow_none=True)
    area = fields.String()
    notes = fields.String()
    flags = fields.List(fields.Dict())
    version = fields.Integer()


def workshop_answer(workshop: Any) -> dict[str, Any]:
    """A workshop for `WorkshopOut`."""
    own = ("id", "topic", "series", "hours")
    return {
        **{name: getattr(workshop, name) for name in own},
        **{name: workshop.words(name) for name in _TEXTS},
    }


def session_answer(session: WorkshopSession, *, base_url: str, now: datetime) -> dict[str, Any]:
    """A session for `SessionOut` and `StaffSessionOut`, which choose what they show."""
    how, venue = availability(session, now), session.venue
    same = ("status", "language", "zone", "online", "place", "capacity", "workshop_id")
    private = (
        *("room", "join_link", "auto_promote", "facilitators", "host", "area", "notes"),
        *("flags", "version"),
    )
    return {
        **workshop_answer(session.workshop),
        **{name: getattr(session, name) for name in (*same, *private)},
        "id": session.id,
        "days": day_values(session),
        "venue": venue.name if venue else "",
        "city": venue.city if venue else "",
        "province": venue.province if venue else "",
        "fee_affiliate": session.fee_affiliate_cents,
        "fee_other": session.fee_other_cents,
        "seats_left": how.left if how.state == OPEN else 0,
        "waitlist_open": how.state == WAITLIST,
        "sign_up_open": how.can_sign_up,
        "closes_at": closing_of(session),
        "url": f"{base_url}/sessions/{session.id}",
    }
