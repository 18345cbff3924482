"""What registration, which owns the staff accounts, tells the others of them."""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import LANGUAGES, Moment, Shape

ROLES = ("admin", "coordinator", "facilitator")


class Token(Shape):
    """An access token for the JSON API: only its SHA-256 leaves the service that made it."""

    digest = fields.String(required=True)
    expires_at = Moment(required=True)


class StaffFacts(Shape):
    """A staff member; a raised `sign_in_epoch` ends every session signed in before."""

    staff_id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    active = fields.Boolean(required=True)
    sign_in_epoch = fields.Integer(required=True)
    tokens = fields.List(fields.Nested(Token), load_default=list)


STAFF_CHANGED = Contract(
    "staff.changed", "registration", ("catalog", "notify"), StaffFacts, latest_only=True
)
