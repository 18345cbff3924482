"""The members' pages about their own data: ask for it, read it, have it erased.

Their own page asks; a mail to their address brings the link that shows or erases. Whoever got
hold of the page's link can neither read what else is kept about them nor erase it.
"""

import json
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from services.chassis.access import allowed
from services.chassis.capabilities import (
    SHORTEST_TOKEN,
    keep_open,
    opened_version,
    without_link,
)
from services.chassis.policy import KEEP_OWN_DATA, KEEP_OWN_PLACE
from services.chassis.running import links, runtime
from services.contracts import SERVICES
from services.registration.data_words import sections
from services.registration.erasure import begin_erasure, sessions_that_end
from services.registration.findings import everything
from services.registration.pages import own_place
from services.registration.person_models import ERASURE, EXPORT, PersonRequest
from services.registration.requests import UnknownRequest, ask_by_member, request_by_link
from services.registration.wording import SERVICE_WORDS, SessionWords

data_pages = Blueprint("data", __name__)
_OPENED = "data"


@data_pages.get("/my/<uuid:registration_id>/data")
@allowed(KEEP_OWN_PLACE)
def ask(registration_id: UUID) -> str:
    """What can be asked for."""
    view = own_place(registration_id)
    months = runtime().settings.retention_months
    return render_template(
        "registration/own_data.html", view=view, session=SessionWords(view.session), months=months
    )


@data_pages.post("/my/<uuid:registration_id>/data/<any(export, erasure):kind>")
@allowed(KEEP_OWN_PLACE)
def send_link(registration_id: UUID, kind: str) -> Answer:
    """Mail the link that does it; at most once an hour."""
    own_place(registration_id)
    with runtime().database.writing() as db:
        asked = ask_by_member(db, registration_id, kind, now=datetime.now(UTC))
    if asked is None:
        flash(_("Such a mail is on its way to you already; please look for it."), "warning")
    else:
        flash(_("A mail is on its way to your address. Nothing happens before you open it."))
    return redirect(url_for("data.ask", registration_id=registration_id))


@data_pages.get(f"/data/<string(minlength={SHORTEST_TOKEN}):token>")
@allowed(KEEP_OWN_DATA)
def follow(token: str) -> Answer:
    """Take the link out of the address."""
    request_id = links().read_data(token) or abort(404)
    keep_open(_OPENED, request_id, datetime.now(UTC))
    return without_link("data.show", request_id=request_id)


@data_pages.get("/data/<uuid:request_id>")
@allowed(KEEP_OWN_DATA)
def show(request_id: UUID) -> str:
    """Everything there is, or what erasing would do, or how far it is."""
    request = _asked(request_id)
    if request.kind == EXPORT:
        return _show_data(request)
    if request.begun_at is None:
        return _show_question(request)
    return render_template("registration/data_erased.html", steps=steps_of(request))


@data_pages.get("/data/<uuid:request_id>/file")
@allowed(KEEP_OWN_DATA)
def file(request_id: UUID) -> Response:
    """Everything there is, as JSON."""
    request = _asked(request_id)
    return data_file(request) if request.kind == EXPORT else abort(404)


@data_pages.post("/data/<uuid:request_id>/erase")
@allowed(KEEP_OWN_DATA)
def erase(request_id: UUID) -> Answer:
    """Erase everything, as the page asked; once more changes nothing."""
    if _asked(request_id).kind != ERASURE:
        abort(404)
    with runtime().database.writing() as db:
        now = datetime.now(UTC)
        begin_erasure(db, request_by_link(db, request_id, now), now)
    return redirect(url_for("data.show", request_id=request_id))


def steps_of(request: PersonRequest) -> list[tuple[str, bool]]:
    """What each service keeps, and whether it has done its part."""
    return [(str(SERVICE_WORDS[each]), each in request.answers) for each in SERVICES]


def data_file(request: PersonRequest) -> Response:
    """The file to download."""
    with runtime().database.reading() as db:
        found = everything(db, request)
    content = json.dumps(found, indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": "attachment; filename=person.json"}
    return Response(content, mimetype="application/json", headers=headers)


def _asked(request_id: UUID) -> PersonRequest:
    """The request that this browser has followed the link of; 410 once that has died."""
    now = datetime.now(UTC)
    opened_version(_OPENED, request_id, now)
    try:
        with runtime().database.reading() as db:
            return request_by_link(db, request_id, now)
    except UnknownRequest:
        abort(410, description=_("This link works no more. Your own page sends you another."))


def _show_data(request: PersonRequest) -> str:
    with runtime().database.reading() as db:
        found = everything(db, request)
    return render_template(
        "registration/data.html",
        email=found["email"],
        sections=sections(found["found"]),
        steps=steps_of(request),
        file=url_for("data.file", request_id=request.id),
        back="",
    )


def _show_question(request: PersonRequest) -> str:
    who = request.who or {}
    with runtime().database.reading() as db:
        ids = [UUID(each) for each in who["registration_ids"]]
        places = [SessionWords(each) for each in sessions_that_end(db, ids, datetime.now(UTC))]
    return render_template(
        "registration/data_erase.html",
        request_id=request.id,
        is_staff=who["is_staff"],
        places=places,
    )
