"""From what a member typed to one local: sure, chosen from suggestions, or not listed."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.chassis.forms import Form
from services.registration.answers import SignUp
from services.registration.by_a_person import OPENED, TRAP
from services.registration.directory import find_organisation, organisation_by_id
from services.registration.models import Organisation

NOT_LISTED = "not_listed"


def choose_local(db: Session, data: dict[str, Any], form: Form) -> SignUp | None:
    """The sign-up with its local; None, with the question put on the form, when it is unsure."""
    typed = data["organisation"]
    chosen = organisation_by_id(db, data["organisation_id"])
    if chosen is not None:
        return _entry(data, chosen.name, chosen.id)
    if data[NOT_LISTED]:
        return _entry(data, typed or _("not listed"), None)
    if not typed:
        form.refuse("organisation", _("Please type your local, or tick that it is not listed."))
        return None
    found = find_organisation(db, typed)
    if found.sure is not None:
        return _entry(data, found.sure.name, found.sure.id)
    _ask(form, list(found.suggestions))
    return None


def _entry(data: dict[str, Any], name: str, organisation_id: UUID | None) -> SignUp:
    left_out = ("organisation", "organisation_id", NOT_LISTED, "form_key", TRAP, OPENED)
    rest = {key: value for key, value in data.items() if key not in left_out}
    return SignUp(**rest, organisation_name=name, organisation_id=organisation_id)


def _ask(form: Form, suggestions: list[Organisation]) -> None:
    if suggestions:
        form.refuse("organisation", _("Which local do you mean? Please choose one below."))
        form.values["suggestions"] = [(str(each.id), each.label) for each in suggestions]
    else:
        unknown = _(
            "We do not know this local. Please check the spelling, or tick that it is not listed."
        )
        form.refuse("organisation", unknown)
