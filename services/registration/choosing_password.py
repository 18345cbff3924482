"""A new password as its owner types it, twice: whether it will do, and the words when not."""

from typing import Any

from flask_babel import gettext as _

from services.chassis.forms import Form
from services.chassis.staff import StaffMember
from services.registration.passwords import SHORTEST_PASSWORD, will_do


def is_fit(typed: Form, data: dict[str, Any], member: StaffMember) -> bool:
    """Whether it can be the member's; if not, the form says why."""
    if data["new_password"] != data["repeated"]:
        typed.refuse("repeated", _("The two are not the same."))
    elif not will_do(data["new_password"], name=member.name, email=member.email):
        typed.refuse("new_password", weak_words())
    return not typed.errors


def weak_words() -> str:
    """What a password must be like."""
    return str(
        _(
            "Take at least %(least)d characters, and nothing that others try first: several words "
            "that have nothing to do with each other are good.",
            least=SHORTEST_PASSWORD,
        )
    )
