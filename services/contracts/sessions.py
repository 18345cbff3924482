"""What the catalog says of its dated sessions, and what it hears of their seats."""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import Contact, Moment, SessionSummary, Shape


class SessionFacts(SessionSummary):
    """All that others need to know of a published session.

    Fees are in cents of a Canadian dollar. `province` is its two letters, for its holidays.
    `actor` and `reason` say who changed it and why, where a person did.
    """

    workshop_id = fields.UUID(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["published", "cancelled"]))
    province = fields.String(load_default="")
    capacity = fields.Integer(required=True, validate=validate.Range(min=0))
    fee_affiliate_cents = fields.Integer(required=True, validate=validate.Range(min=0))
    fee_other_cents = fields.Integer(required=True, validate=validate.Range(min=0))
    closes_at = Moment(required=True)
    auto_promote = fields.Boolean(load_default=False)
    facilitators = fields.List(fields.Nested(Contact), load_default=list)
    host = fields.Nested(Contact, load_default=None, allow_none=True)
    actor = fields.String(load_default="")
    reason = fields.String(load_default="")


class Seats(Shape):
    """How full a session is: `held` counts the confirmed and the live offers."""

    session_id = fields.UUID(required=True)
    capacity = fields.Integer(required=True)
    held = fields.Integer(required=True)
    waiting = fields.Integer(required=True)


SESSION_PUBLISHED = Contract("session.published", "catalog", ("registration",), SessionFacts)
SESSION_CHANGED = Contract("session.changed", "catalog", ("registration",), SessionFacts)
SESSION_CANCELLED = Contract("session.cancelled", "catalog", ("registration",), SessionFacts)
SEATS_CHANGED = Contract("seats.changed", "registration", ("catalog",), Seats, latest_only=True)
