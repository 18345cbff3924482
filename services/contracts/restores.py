"""What a service tells another whose database was set back: what that one had told it before."""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.registrations import STATES
from services.contracts.sessions import SessionFacts
from services.contracts.shapes import Contact, Moment, Shape


class SessionRemembered(SessionFacts):
    """A session as the catalog had told it, with the sequence of the event that did."""

    told_sequence = fields.Integer(required=True)


class RegistrationRemembered(Shape):
    """What somebody was told of their place, at that moment, in the hours that were lost."""

    registration_id = fields.UUID(required=True)
    session_id = fields.UUID(required=True)
    recipient = fields.Nested(Contact, required=True)
    status = fields.String(required=True, validate=validate.OneOf(STATES))
    told_at = Moment(required=True)


SESSION_REMEMBERED = Contract(
    "session.remembered", "registration", ("catalog",), SessionRemembered, latest_only=True
)
REGISTRATION_REMEMBERED = Contract(
    "registration.remembered", "notify", ("registration",), RegistrationRemembered
)
