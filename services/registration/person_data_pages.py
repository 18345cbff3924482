"""What administrators do about a person's data: put together, or erase; each with a reason."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from services.chassis.access import allowed
from services.chassis.forms import read_form
from services.chassis.policy import ERASE_PERSON, EXPORT_PERSON
from services.chassis.rules import Action
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.data_pages import data_file, steps_of
from services.registration.data_words import sections
from services.registration.erasure import ask_erasure
from services.registration.findings import everything
from services.registration.people import who_is
from services.registration.person_models import EXPORT, PersonRequest
from services.registration.requests import ask_export
from services.registration.schemas import ReasonInput
from services.registration.staff_access import seen_place

person_data_pages = Blueprint(
    "person_data", __name__, url_prefix="/staff/registrations/<uuid:registration_id>/data"
)


@person_data_pages.post("/export")
@allowed(EXPORT_PERSON)
def export(registration_id: UUID) -> Answer:
    """Have all that is kept about whoever has this place put together."""
    request = _ask(registration_id, EXPORT_PERSON)
    if request is None:
        return _no_reason(registration_id)
    return redirect(
        url_for("person_data.show", registration_id=registration_id, request_id=request.id)
    )


@person_data_pages.get("/<uuid:request_id>")
@allowed(EXPORT_PERSON)
def show(registration_id: UUID, request_id: UUID) -> str:
    """What has been put together so far."""
    request = _put_together(registration_id, request_id)
    with runtime().database.reading() as db:
        found = everything(db, request)
    return render_template(
        "registration/data.html",
        email=found["email"],
        sections=sections(found["found"]),
        steps=steps_of(request),
        file=url_for("person_data.file", registration_id=registration_id, request_id=request_id),
        back=url_for("people.person", registration_id=registration_id),
    )


@person_data_pages.get("/<uuid:request_id>/file")
@allowed(EXPORT_PERSON)
def file(registration_id: UUID, request_id: UUID) -> Response:
    """The same as JSON."""
    return data_file(_put_together(registration_id, request_id))


@person_data_pages.post("/erase")
@allowed(ERASE_PERSON)
def erase(registration_id: UUID) -> Answer:
    """Erase whoever has this place, under the name that it has."""
    request = _ask(registration_id, ERASE_PERSON)
    if request is None:
        return _no_reason(registration_id)
    flash(_("Erased. What other services keep follows by itself."), "success")
    if (request.who or {}).get("is_staff"):
        flash(_("The staff account of this address is not erased, nor what was sent for it."))
    return redirect(url_for("people.person", registration_id=registration_id))


def _ask(registration_id: UUID, action: Action) -> PersonRequest | None:
    """Ask for one or the other; None without a reason."""
    _typed, data = read_form(ReasonInput())
    if data is None:
        return None
    command = ask_export if action is EXPORT_PERSON else ask_erasure
    why = {"actor": staff_member().name, "reason": data["reason"], "now": datetime.now(UTC)}
    with runtime().database.writing() as db:
        place = seen_place(db, registration_id, action)
        if place.forgotten_at is not None:
            abort(409)
        who = who_is(db, place.person.email, name=place.name)
        return command(db, who, **why)


def _no_reason(registration_id: UUID) -> Answer:
    flash(_("Please give a reason."), "error")
    return redirect(url_for("people.person", registration_id=registration_id))


def _put_together(registration_id: UUID, request_id: UUID) -> PersonRequest:
    """The request, if it is about whoever has this place."""
    with runtime().database.reading() as db:
        seen_place(db, registration_id, EXPORT_PERSON)
        request = db.get(PersonRequest, request_id)
    if request is None or request.kind != EXPORT or request.who is None:
        abort(404)
    if str(registration_id) not in request.who["registration_ids"]:
        abort(404)
    return request
