"""What registration says of people's places, for notify to put into mail."""

from typing import Any

from marshmallow import Schema, fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import (
    Contact,
    Moment,
    Remembered,
    SessionSummary,
    Shape,
    WhenAndWhere,
    Words,
)

STATES = ("waiting", "offered", "confirmed", "declined", "lapsed", "cancelled", "left", "closed")


class AboutRegistration(Shape):
    """One person's place in one session; the fee is in cents and frozen at sign-up.

    `link_version` belongs to the person's own link: raising it makes older links void.
    """

    registration_id = fields.UUID(required=True)
    link_version = fields.Integer(required=True)
    recipient = fields.Nested(Contact, required=True)
    session = Remembered(SessionSummary, required=True)
    fee_cents = fields.Integer(required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATES))


class Waitlisted(AboutRegistration):
    """Their place in line, counted from 1."""

    place = fields.Integer(required=True, validate=validate.Range(min=1))
    auto_confirm = fields.Boolean(load_default=False)


class Offered(AboutRegistration):
    """A seat is kept for them until a deadline."""

    until = Moment(required=True)


class Ended(AboutRegistration):
    """A place that was given up: by the member or by staff, who may have a word for them."""

    by = fields.String(required=True, validate=validate.OneOf(["member", "staff"]))
    message = fields.String(load_default="")


class Repeated(AboutRegistration):
    """Somebody entered an address that has a place already; `place` only for the waiting."""

    place = fields.Integer(load_default=None, allow_none=True)


class Moved(AboutRegistration):
    """Staff moved a person from another session, whose registration ended."""

    previous_registration_id = fields.UUID(required=True)
    previous_session = fields.Nested(SessionSummary, required=True)
    message = fields.String(load_default="")


class NextSession(WhenAndWhere):
    """A later session of the same workshop."""

    session_id = fields.UUID(required=True)
    title = fields.Nested(Words, required=True)


class Closed(AboutRegistration):
    """Registration closed while they waited; the next dates, if there are any."""

    next_sessions = fields.List(fields.Nested(NextSession), load_default=list)


class Notice(AboutRegistration):
    """A session changed or was cancelled; `before` is what they were last told."""

    change = fields.String(required=True, validate=validate.OneOf(["changed", "cancelled"]))
    before = fields.Nested(WhenAndWhere, required=True)
    message = fields.String(load_default="")


class RosterLine(Shape):
    """A confirmed person as the facilitator needs to know them; the phone only with consent."""

    name = fields.String(required=True)
    organisation = fields.String(required=True)
    role = fields.String(load_default="")
    email = fields.String(load_default="")
    phone = fields.String(load_default="")
    note = fields.String(load_default="")


class RosterDue(Shape):
    """A roster for one recipient, as of the event's time."""

    recipient = fields.Nested(Contact, required=True)
    session = Remembered(SessionSummary, required=True)
    occasion = fields.String(
        required=True, validate=validate.OneOf(["three_days", "day_before", "on_demand"])
    )
    capacity = fields.Integer(required=True)
    facilitators = fields.List(fields.String(), load_default=list)
    host = fields.String(load_default="")
    lines = fields.List(fields.Nested(RosterLine), required=True)
    with_needs = fields.Integer(load_default=0)
    link_token = fields.String(required=True)
    content_version = fields.String(required=True)


class RosterDueNow(RosterDue):
    """The same with one more occasion; `attached` asks for the list itself beside the link."""

    occasion = fields.String(
        required=True,
        validate=validate.OneOf(["three_days", "day_before", "after_close", "on_demand"]),
    )
    attached = fields.Boolean(load_default=True)


class Readdressed(AboutRegistration):
    """Their address was corrected: what did not reach the old one goes to the new one."""

    previous_email = fields.String(required=True)


STREAMS = ("transactional", "announcement")
"""Mail about what somebody asked for, and mail that they agreed to have beside it."""


class MessageRequested(Shape):
    """A message that staff wrote to a group, for one of its `size` recipients.

    Subject and body hold merge fields such as `{name}`. An announcement is about no
    registration and no session, but `area` is that of the local or the area it goes to;
    `agreed_at` is when its reader agreed to announcements, the last time. A test goes to its
    author alone.
    """

    group_message_id = fields.UUID(required=True)
    size = fields.Integer(required=True)
    stream = fields.String(required=True, validate=validate.OneOf(STREAMS))
    is_test = fields.Boolean(load_default=False)
    author = fields.String(required=True)
    recipient = fields.Nested(Contact, required=True)
    organisation = fields.String(load_default="")
    subject = fields.Nested(Words, required=True)
    body = fields.Nested(Words, required=True)
    registration_id = fields.UUID(load_default=None, allow_none=True)
    link_version = fields.Integer(load_default=0)
    status = fields.String(load_default="")
    session = Remembered(SessionSummary, load_default=None, allow_none=True)
    agreed_at = Moment(load_default=None, allow_none=True)
    area = fields.String()


class DigestLine(Shape):
    """One session's numbers as they are, and how often what happened since the last digest."""

    session_id = fields.UUID(required=True)
    title = fields.Nested(Words, required=True)
    first_day = fields.Date(required=True)
    capacity = fields.Integer(required=True)
    confirmed = fields.Integer(required=True)
    offered = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    changes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class DigestDue(Shape):
    """What happened since a moment, for one member of staff."""

    staff_id = fields.UUID(required=True)
    recipient = fields.Nested(Contact, required=True)
    since = Moment(required=True)
    until = Moment(required=True)
    sessions = fields.List(fields.Nested(DigestLine), required=True)
    open_tasks = fields.Integer(required=True)


def _to_notify(name: str, data: type[Schema], **options: Any) -> Contract:
    return Contract(name, "registration", ("notify",), data, **options)


REGISTRATION_CONFIRMED = _to_notify("registration.confirmed", AboutRegistration)
REGISTRATION_WAITLISTED = _to_notify("registration.waitlisted", Waitlisted)
REGISTRATION_OFFERED = _to_notify("registration.offered", Offered)
REGISTRATION_LAPSED = _to_notify("registration.lapsed", AboutRegistration)
REGISTRATION_DECLINED = _to_notify("registration.declined", AboutRegistration)
REGISTRATION_CANCELLED = _to_notify("registration.cancelled", Ended)
REGISTRATION_MOVED = _to_notify("registration.moved", Moved)
REGISTRATION_CLOSED = _to_notify("registration.closed", Closed)
REGISTRATION_REPEATED = _to_notify("registration.repeated", Repeated)
OFFER_EXPIRING = _to_notify("offer.expiring", Offered)
SESSION_NOTICE = _to_notify("session.notice", Notice)
REMINDER_DUE = _to_notify("reminder.due", AboutRegistration)
ROSTER_DUE_V1 = _to_notify("roster.due", RosterDue)
ROSTER_DUE = _to_notify("roster.due", RosterDueNow, version=2)
REGISTRATION_READDRESSED = _to_notify("registration.readdressed", Readdressed)
MESSAGE_REQUESTED = _to_notify("message.requested", MessageRequested)
DIGEST_DUE = _to_notify("digest.due", DigestDue)
