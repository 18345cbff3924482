"""What members, staff and programs send to registration: one schema for form and JSON alike."""

from marshmallow import Schema, fields

from services.chassis.fields import (
    Choice,
    ClockTime,
    DayField,
    Dollars,
    Email,
    Flag,
    Identifier,
    Input,
    Phone,
    Text,
)
from services.contracts.shapes import LANGUAGES

LONGEST_PASSWORD = 200
ACTIONS = ("confirm", "offer", "cancel", "move", "hold", "release", "note")


class DetailsInput(Input):
    """What a member may change later."""

    name = Text(200, required=True, metadata={"description": "As it should be on the roster."})
    role = Text(100, load_default="", metadata={"description": "Elected role, if any."})
    language = Choice(LANGUAGES, required=True, metadata={"description": "Language of mail."})
    phone = Phone(load_default="")
    phone_on_roster = Flag(metadata={"description": "The facilitator may see the telephone."})
    needs = Text(2000, lines=True, load_default="", metadata={"description": "Access, diet, …"})
    auto_confirm = Flag(metadata={"description": "Confirm without asking when a seat is free."})


class SignUpInput(DetailsInput):
    """A sign-up; a local that is not in the directory is kept as it was typed."""

    email = Email(required=True)
    organisation = Text(
        200, load_default="", metadata={"description": "Name or number of the local."}
    )
    organisation_id = Identifier(load_default=None)
    not_listed = Flag(metadata={"description": "The local is not in the directory."})
    announcements = Flag(metadata={"description": "Agrees to be told of new workshops by e-mail."})


class SignUpForm(SignUpInput):
    """The form carries a key of its own, so that pressing twice is one sign-up.

    The other two are for `by_a_person`.
    """

    form_key = Text(80, required=True)
    opened = Text(200, load_default="")
    homepage = Text(200, load_default="")


class SignUpAnswer(Schema):
    """`see_mail` tells nothing on purpose: the details are in the mail to that address."""

    id = fields.UUID()
    status = fields.String(metadata={"enum": ["confirmed", "waitlisted", "see_mail"]})
    place = fields.Integer(allow_none=True)


class SignUpHeaders(Schema):
    """The same key with the same body gives the same answer again."""

    idempotency_key = Text(
        190,
        data_key="Idempotency-Key",
        load_default="",
        metadata={"pattern": r"^[\x21-\x7e]*$"},
    )


class ConsentInput(Input):
    """Whether a member wants to be told of new workshops."""

    agreed = Flag()


class AttendanceInput(Input):
    """Whether somebody came."""

    came = Flag()


class ActionInput(Input):
    """What staff do with somebody's place."""

    action = Choice(ACTIONS, required=True)
    reason = Text(1000, required=True, lines=True)
    message = Text(1000, load_default="", lines=True)
    over_capacity = Flag()
    target_id = Identifier(load_default=None)


class AddressInput(Input):
    """A corrected address, and why; both stay in the history."""

    email = Email(required=True)
    reason = Text(400, required=True, lines=True)


class ReasonInput(Input):
    """Why something is done with a person's data."""

    reason = Text(400, required=True, lines=True)


class SettleInput(Input):
    """How a task was settled."""

    outcome = Text(1000, required=True, lines=True)


class CancelInput(Input):
    """The reason stays in the history; the message goes into the member's mail."""

    reason = Text(1000, required=True, lines=True)
    message = Text(1000, load_default="", lines=True)


class RegistrationOut(Schema):
    """A registration as staff see it, with its place in line; needs are not part of it."""

    id = fields.UUID(attribute="registration.id")
    session_id = fields.UUID(attribute="registration.session_id")
    status = fields.String(attribute="registration.state")
    place = fields.Integer(allow_none=True)
    name = fields.String(attribute="registration.name")
    email = fields.String(metadata={"description": "Empty for facilitators."})
    organisation = fields.String(attribute="registration.organisation_name")
    role = fields.String(attribute="registration.role")
    language = fields.String(attribute="registration.language")
    joined_at = fields.AwareDateTime(attribute="registration.joined_at")
    offered_until = fields.AwareDateTime(attribute="registration.offered_until", allow_none=True)
    fee = Dollars(attribute="registration.fee_cents")
    fee_rule = fields.String(attribute="registration.fee_rule")


class RosterQuery(Input):
    """Which form of the roster, and in which language."""

    format = Choice(["csv", "xlsx", "pdf"], load_default="csv")
    lang = Choice(LANGUAGES, load_default="en")


class SignInInput(Input):
    """A staff member's address and password."""

    email = Email(required=True)
    password = Text(LONGEST_PASSWORD, required=True)
    next = Text(300, load_default="")


class CodeInput(Input):
    """The six digits of an authenticator app; how they are grouped does not matter."""

    code = Text(20, required=True)


class RecoveryCodeInput(Input):
    """A recovery code, as it was shown or without its dashes."""

    recovery_code = Text(80, required=True)


class PasswordAgainInput(Input):
    """The present password, asked again before something that matters."""

    password = Text(LONGEST_PASSWORD, required=True)


class ChosenPasswordInput(Input):
    """A new password, twice."""

    new_password = Text(LONGEST_PASSWORD, required=True)
    repeated = Text(LONGEST_PASSWORD, required=True)


class NewPasswordInput(PasswordAgainInput, ChosenPasswordInput):
    """The present password beside the new one."""


class ForgottenPasswordInput(Input):
    """Whose password was forgotten."""

    email = Email(required=True)


class OrganisationInput(Input):
    """A local in the directory."""

    number = Text(20, required=True)
    name = Text(200, required=True)
    area = Text(100, load_default="")
    affiliated = Flag()


class ColleagueInput(Input):
    """A staff account that is to get a session's rosters."""

    staff_id = Identifier(required=True)
    send_now = Flag()


class RecipientInput(Input):
    """Anybody else who is to get them."""

    name = Text(200, required=True)
    email = Email(required=True)
    language = Choice(LANGUAGES, required=True)
    send_now = Flag()


class RosterMailInput(Input):
    """What goes along with a roster's mail."""

    roster_mail = Choice(["attached", "link"], required=True)


class PreferenceInput(Input):
    """What the organisation has chosen."""

    answers_by_mail = Flag()


class SwitchInput(Input):
    """Whether something is to happen."""

    is_on = Flag()


class MomentInput(Input):
    """When a planned mail is to go out, on the clocks where the session is."""

    day = DayField(required=True)
    hour = ClockTime(required=True)
