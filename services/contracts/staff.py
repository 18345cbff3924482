"""What registration, which owns the staff accounts, tells the others of them."""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import LANGUAGES, Contact, Moment, Shape

FIRST_ROLES = ("admin", "coordinator", "facilitator")
ROLES = (*FIRST_ROLES, "local_officer", "auditor")


class Token(Shape):
    """An access token for the JSON API: only its SHA-256 leaves the service that made it."""

    digest = fields.String(required=True)
    expires_at = Moment(required=True)


class NarrowToken(Token):
    """The same, with the names of the actions that it is limited to; null limits nothing."""

    actions = fields.List(fields.String(), load_default=None, allow_none=True)


class StaffFacts(Shape):
    """A staff member; a raised `sign_in_epoch` ends every session signed in before."""

    staff_id = fields.UUID(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(FIRST_ROLES))
    language = fields.String(load_default="en", validate=validate.OneOf(LANGUAGES))
    active = fields.Boolean(required=True)
    sign_in_epoch = fields.Integer(required=True)
    tokens = fields.List(fields.Nested(Token), load_default=list)


class StaffFactsNow(StaffFacts):
    """The same with the newer roles: a coordinator has areas, a local officer a local."""

    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    areas = fields.List(fields.String(), load_default=list)
    organisation_id = fields.UUID(load_default=None, allow_none=True)
    tokens = fields.List(fields.Nested(NarrowToken), load_default=list)


class SignOut(Shape):
    """A sign-in that was ended; no cookie of it counts after `until` in any case."""

    sign_in_id = fields.UUID(required=True)
    staff_id = fields.UUID(required=True)
    until = Moment(required=True)


class PasswordLinkAsked(Shape):
    """Somebody wants a new password for an account: the link to choose it goes there by mail.

    It opens nothing once the account's `sign_in_epoch` has been raised.
    """

    staff_id = fields.UUID(required=True)
    sign_in_epoch = fields.Integer(required=True)
    recipient = fields.Nested(Contact, required=True)
    expires_at = Moment(required=True)


class TokenUse(Shape):
    """That a token was used; it is told once an hour at most."""

    digest = fields.String(required=True)
    at = Moment(required=True)


_TO_ALL = ("catalog", "notify")
STAFF_SIGNED_OUT = Contract("staff.signed_out", "registration", _TO_ALL, SignOut)
PASSWORD_LINK_ASKED = Contract(
    "password.link_asked", "registration", ("notify",), PasswordLinkAsked
)
STAFF_CHANGED_V1 = Contract("staff.changed", "registration", _TO_ALL, StaffFacts, latest_only=True)
STAFF_CHANGED = Contract(
    "staff.changed", "registration", _TO_ALL, StaffFactsNow, version=2, latest_only=True
)
TOKEN_USED = Contract("token.used", "catalog", ("registration",), TokenUse, latest_only=True)
