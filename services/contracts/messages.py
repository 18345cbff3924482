"""What notify says of mail: that it arrived, that it did not, or that no more is wanted."""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import Moment, Shape

BOUNCE_REASONS = ("hard_bounce", "blocked", "dropped", "spam_report", "refused", "suppressed")
"""Why a mail did not arrive.

The address does not exist; its server would not have the mail this time; our provider held it
back; its reader called it spam; it was refused when we handed it over, or we gave up; or we
did not even try, because an earlier one came back.
"""


class Outcome(Shape):
    """What became of one mail, in the provider's words; `email` is where it went.

    `registration_id` is null for mail that is about no registration, such as a roster.
    """

    message_id = fields.UUID(required=True)
    registration_id = fields.UUID(load_default=None, allow_none=True)
    session_id = fields.UUID(load_default=None, allow_none=True)
    kind = fields.String(required=True)
    email = fields.String(required=True)
    at = Moment(required=True)
    words = fields.String(load_default="")


class Bounce(Outcome):
    """A mail that did not arrive."""

    reason = fields.String(required=True, validate=validate.OneOf(BOUNCE_REASONS))


class Unsubscribed(Shape):
    """Somebody wants no more announcements at this address."""

    email = fields.String(required=True)
    at = Moment(required=True)


MESSAGE_DELIVERED = Contract("message.delivered", "notify", ("registration",), Outcome)
MESSAGE_BOUNCED = Contract("message.bounced", "notify", ("registration",), Bounce)
MESSAGE_UNSUBSCRIBED = Contract("message.unsubscribed", "notify", ("registration",), Unsubscribed)
