"""The messages that are no events: what carries new ones, confirmations, and canaries.

They go straight to a queue. What is lost with one of the first two is sent again, event by
event, and a canary is of no use later.
"""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import Moment, Shape

MOST_SENT_AT_ONCE = 100
MOST_CONFIRMED_AT_ONCE = 1_000


class Envelopes(Shape):
    """Events for the receiver that have not been sent before, in the order to handle them in."""

    envelopes = fields.List(
        fields.Dict(), required=True, validate=validate.Length(min=1, max=MOST_SENT_AT_ONCE)
    )


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


EVENTS_SENT = Contract("events.sent", "every service", (), Envelopes)
EVENT_CONFIRMED = Contract("event.confirmed", "every service", (), Confirmation)
CANARY = Contract("canary", "every service", (), Canary)
