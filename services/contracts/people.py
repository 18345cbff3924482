"""What the services say when somebody wants their data, or wants to be forgotten.

Registration asks, and each of the others answers, also when it knows nothing of the person.
"""

from marshmallow import fields, validate

from services.contracts.contract import Contract
from services.contracts.shapes import Contact, Moment, Shape

REQUESTS = ("export", "erasure")


class Who(Shape):
    """One person, as registration knows them.

    `name` is set where others share the address: only what is under it is theirs. `names` are
    those that nobody else bears. What belongs to a staff account is left alone if `is_staff`.
    """

    request_id = fields.UUID(required=True)
    email = fields.String(required=True)
    name = fields.String(load_default="")
    names = fields.List(fields.String(), load_default=list)
    phones = fields.List(fields.String(), load_default=list)
    registration_ids = fields.List(fields.UUID(), load_default=list)
    is_staff = fields.Boolean(load_default=False)


class WhoToErase(Who):
    """The mail that the events `last_mail` call for goes out before all is erased."""

    last_mail = fields.List(fields.UUID(), load_default=list)


class Found(Shape):
    """A part of what a service knows of somebody, counted from 1: rows in JSON form by kind."""

    request_id = fields.UUID(required=True)
    part = fields.Integer(required=True, validate=validate.Range(min=1))
    parts = fields.Integer(required=True, validate=validate.Range(min=1))
    rows = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()), required=True)


class Erased(Shape):
    """That a service has nothing of somebody any more, and how much of each kind it had."""

    request_id = fields.UUID(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class LinkAsked(Shape):
    """Somebody asked for their data or to be forgotten: the link that does it goes by mail."""

    request_id = fields.UUID(required=True)
    request = fields.String(required=True, validate=validate.OneOf(REQUESTS))
    recipient = fields.Nested(Contact, required=True)
    expires_at = Moment(required=True)


_OTHERS = ("notify", "catalog")
EXPORT_ASKED = Contract("person.export_asked", "registration", _OTHERS, Who)
ERASURE_ASKED = Contract("person.erasure_asked", "registration", _OTHERS, WhoToErase)
LINK_ASKED = Contract("person.link_asked", "registration", ("notify",), LinkAsked)
MAIL_FOUND = Contract("person.mail_found", "notify", ("registration",), Found)
CONTACTS_FOUND = Contract("person.contacts_found", "catalog", ("registration",), Found)
MAIL_ERASED = Contract("person.mail_erased", "notify", ("registration",), Erased)
CONTACTS_ERASED = Contract("person.contacts_erased", "catalog", ("registration",), Erased)

FOUND = {"notify": MAIL_FOUND, "catalog": CONTACTS_FOUND}
ERASED = {"notify": MAIL_ERASED, "catalog": CONTACTS_ERASED}
"""How each of the others answers."""
