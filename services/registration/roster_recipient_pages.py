"""Who gets a session's rosters: a part of its staff page, and what staff change there."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form
from services.chassis.policy import CHOOSE_PREFERENCES, CHOOSE_RECIPIENTS, SEE_RECIPIENTS
from services.chassis.running import links, runtime
from services.chassis.staff import staff_member
from services.registration.preferences import ROSTER_ATTACHED, choose, chosen
from services.registration.roster_recipients import (
    RecipientRefused,
    add_colleague,
    add_recipient,
    colleagues,
    recipient_lines,
    remove_recipient,
)
from services.registration.rosters import send_roster_to
from services.registration.schemas import ColleagueInput, RecipientInput, RosterMailInput
from services.registration.seats import lock_session
from services.registration.sending_models import RosterRecipient
from services.registration.staff_access import seen_session, thing_of
from services.registration.wording import RECIPIENT_ROLES, SessionWords, refusal

recipient_pages = Blueprint("recipients", __name__, url_prefix="/staff")

_REFUSED_AT = {"colleague_form": "staff_id", "recipient_form": "email"}

Answer = Response | tuple[str, int]


def recipients_shown(db: Session, session_id: UUID) -> dict[str, Any]:
    """What the part of the session's page needs; its forms are empty."""
    return {
        "recipients": recipient_lines(db, session_id),
        "recipient_roles": RECIPIENT_ROLES,
        "colleagues": [
            (each.id, f"{each.name} ({each.email})") for each in colleagues(db, session_id)
        ],
        "roster_attached": chosen(db, ROSTER_ATTACHED),
        "colleague_form": Form(),
        "recipient_form": Form(values={"language": "en"}),
    }


@recipient_pages.get("/sessions/<uuid:session_id>/recipients")
@allowed(SEE_RECIPIENTS)
def recipients(session_id: UUID) -> str:
    """Who gets the rosters, on a page of its own."""
    return _show(session_id)


@recipient_pages.post("/sessions/<uuid:session_id>/recipients/colleague")
@allowed(CHOOSE_RECIPIENTS)
def add_one_of_us(session_id: UUID) -> Answer:
    """Let somebody with a staff account get the rosters."""
    typed, data = read_form(ColleagueInput())
    if data is None:
        return _show(session_id, colleague_form=typed), 422
    command = partial(add_colleague, staff_id=data["staff_id"])
    return _add(session_id, typed, command, send_now=data["send_now"], form="colleague_form")


@recipient_pages.post("/sessions/<uuid:session_id>/recipients")
@allowed(CHOOSE_RECIPIENTS)
def add_another(session_id: UUID) -> Answer:
    """Let anybody get the rosters."""
    typed, data = read_form(RecipientInput())
    if data is None:
        return _show(session_id, recipient_form=typed), 422
    contact = {name: data[name] for name in ("name", "email", "language")}
    command = partial(add_recipient, contact=contact)
    return _add(session_id, typed, command, send_now=data["send_now"], form="recipient_form")


@recipient_pages.post("/sessions/<uuid:session_id>/recipients/<uuid:recipient_id>/remove")
@allowed(CHOOSE_RECIPIENTS)
def remove(session_id: UUID, recipient_id: UUID) -> Answer:
    """Take somebody off; their link is dead from now on."""
    actor, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            session = lock_session(db, seen_session(db, session_id, CHOOSE_RECIPIENTS).id)
            row = remove_recipient(db, session, recipient_id, actor=actor, now=now)
    except RecipientRefused as problem:
        flash(refusal(problem.reason), "error")
    else:
        words = _("%(name)s no longer gets the roster, and their link is dead.", name=row.name)
        flash(words, "success")
    return _back(session_id)


@recipient_pages.post("/organisations/preferences/rosters")
@allowed(CHOOSE_PREFERENCES)
def choose_roster_mail() -> Response:
    """Choose whether the list itself goes along with its mail."""
    _typed, data = read_form(RosterMailInput())
    if data is None:
        abort(400)
    with runtime().database.writing() as db:
        choose(db, ROSTER_ATTACHED, data["roster_mail"] == "attached")
    flash(_("Your choice is saved."), "success")
    return redirect(url_for("staff.locals_"))


def _add(
    session_id: UUID,
    typed: Form,
    command: Callable[..., RosterRecipient],
    *,
    send_now: bool,
    form: str,
) -> Answer:
    """Add a recipient, and send them the roster at once where that was asked for."""
    actor, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            session = lock_session(db, seen_session(db, session_id, CHOOSE_RECIPIENTS).id)
            row = command(db, session, actor=actor, now=now)
            if send_now:
                send_roster_to(db, session, row, links=links(), now=now)
    except RecipientRefused as problem:
        typed.refuse(_REFUSED_AT[form], refusal(problem.reason))
        return _show(session_id, **{form: typed}), 409
    if send_now:
        flash(_("The roster is on its way to %(names)s.", names=row.name), "success")
    else:
        flash(_("%(name)s gets the roster from now on.", name=row.name), "success")
    return _back(session_id)


def _show(session_id: UUID, **forms: Form) -> str:
    with runtime().database.reading() as db:
        session = seen_session(db, session_id, SEE_RECIPIENTS)
        shown = recipients_shown(db, session_id) | forms
    words, thing = SessionWords(session), thing_of(session)
    return render_template("registration/recipients.html", session=words, thing=thing, **shown)


def _back(session_id: UUID) -> Response:
    return redirect(url_for("staff.session", session_id=session_id, _anchor="recipients"))
