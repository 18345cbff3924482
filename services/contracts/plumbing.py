"""The two messages that keep the others honest: confirmations and canaries.

Both go straight to a queue. A lost confirmation is asked for again when its event is sent
again, and a canary is of no use later.
"""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import Moment, Shape

MOST_CONFIRMED_AT_ONCE = 1_000


class Confirmation(Shape):
    """Events of the receiver's that the sender has handled, or has parked."""

    subscriber = fields.String(required=True)
    event_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(max=MOST_CONFIRMED_AT_ONCE)
    )


class Canary(Shape):
    """When a service's clock let the canary go; the worker notes that it arrived.

    It flies through the queues of the others too. `is_late` tells them that the service itself is
    behind with its work.
    """

    sent_at = Moment(required=True)
    service = fields.String()
    is_late = fields.Boolean()


EVENT_CONFIRMED = Contract("event.confirmed", "every service", (), Confirmation)
CANARY = Contract("canary", "every service", (), Canary)
