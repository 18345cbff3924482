"""The staff's pages: the sessions, one session with everybody in it, one person, the locals."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.forms import Form, read_form
from services.chassis.running import links, runtime
from services.chassis.staff import ADMIN, COORDINATOR, FACILITATOR, staff_member, staff_only
from services.contracts import SERVICES
from services.registration.directory import DirectoryEntry, load_directory
from services.registration.fees import today
from services.registration.history import note
from services.registration.models import Registration
from services.registration.places import TooLate, UnknownRegistration
from services.registration.preferences import ANSWERS_BY_MAIL, choose, chosen
from services.registration.queries import (
    MemberView,
    member_view,
    organisations,
    other_sessions,
    registration_history,
    session_lines,
    session_view,
)
from services.registration.rosters import send_roster
from services.registration.schemas import ActionInput, OrganisationInput, PreferenceInput
from services.registration.seats import UnknownSession, lock_session
from services.registration.staff_access import seen_session
from services.registration.staff_actions import (
    NotPossible,
    OverCapacity,
    cancel_by_staff,
    confirm_by_staff,
    hold_back,
    move_by_staff,
    offer_by_staff,
    release,
    write_note,
)
from services.registration.waitlist import NoSuchPath
from services.registration.wording import (
    ACTIONS,
    STATES,
    TONES,
    SessionWords,
    history_lines,
    refusal,
)

staff_pages = Blueprint("staff", __name__, url_prefix="/staff")
_MAY_ACT = (ADMIN, COORDINATOR)
_SIMPLE = {"hold": hold_back, "release": release, "note": write_note}
_WORDS = {"states": STATES, "tones": TONES, "actions": ACTIONS}


@staff_pages.get("/")
@staff_only()
def sessions() -> str:
    """All sessions with their counts; a facilitator's own."""
    member = staff_member()
    own = member.email if member.role == FACILITATOR else None
    with runtime().database.reading() as db:
        lines = session_lines(db, datetime.now(UTC), staff_email=own)
    rows = [(each, SessionWords(each.session)) for each in lines]
    return render_template("registration/sessions.html", rows=rows, services=SERVICES)


@staff_pages.get("/sessions/<uuid:session_id>")
@staff_only()
def session(session_id: UUID) -> str:
    """Everybody in one session."""
    with runtime().database.reading() as db:
        view = session_view(db, seen_session(db, session_id))
    words, may_act = SessionWords(view.session), staff_member().role in _MAY_ACT
    return render_template(
        "registration/session.html",
        view=view,
        session=words,
        history=history_lines(view.history, words, names=view.names, with_reasons=may_act),
        may_act=may_act,
        **_WORDS,
    )


@staff_pages.get("/registrations/<uuid:registration_id>")
@staff_only(*_MAY_ACT)
def person(registration_id: UUID) -> str:
    """One person's place with its history and what can be done."""
    return _show_person(registration_id, Form())


@staff_pages.post("/registrations/<uuid:registration_id>/act")
@staff_only(*_MAY_ACT)
def act(registration_id: UUID) -> Response | tuple[str, int]:
    """Do one thing with a place, for a reason."""
    typed, data = read_form(ActionInput())
    if data is None:
        return _show_person(registration_id, typed), 422
    try:
        with runtime().database.writing() as db:
            registration = _command(data)(db, registration_id)
    except UnknownRegistration:
        abort(404)
    except (TooLate, NotPossible, OverCapacity, NoSuchPath, UnknownSession) as problem:
        typed.refuse("action", refusal(problem.reason))
        return _show_person(registration_id, typed), 409
    flash(_("Done, and kept in the history."), "success")
    return redirect(url_for("staff.session", session_id=registration.session_id))


@staff_pages.post("/sessions/<uuid:session_id>/roster")
@staff_only()
def mail_roster(session_id: UUID) -> Response:
    """Send the roster now to facilitators and host."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        locked_session = lock_session(db, seen_session(db, session_id).id)
        count = send_roster(db, locked_session, "on_demand", links=links(), now=now)
        note(db, locked_session, "roster_sent", now=now, actor=staff_member().name)
    if count:
        flash(_("The roster is on its way to the facilitators and the host."), "success")
    else:
        flash(_("This session has neither facilitator nor host to send the roster to."), "error")
    return redirect(url_for("staff.session", session_id=session_id))


@staff_pages.get("/organisations")
@staff_only(*_MAY_ACT)
def locals_() -> str:
    """The directory of locals."""
    return _show_locals(Form())


@staff_pages.post("/organisations")
@staff_only(*_MAY_ACT)
def keep_local() -> Response | tuple[str, int]:
    """Add a local, or bring it up to date by its number."""
    typed, data = read_form(OrganisationInput())
    if data is None:
        return _show_locals(typed), 422
    with runtime().database.writing() as db:
        load_directory(db, [DirectoryEntry(**data)], now=datetime.now(UTC))
    flash(_("The local is saved."), "success")
    return redirect(url_for("staff.locals_"))


@staff_pages.post("/organisations/preferences")
@staff_only(ADMIN)
def preferences() -> Response:
    """Choose whether answers go by mail alone."""
    _typed, data = read_form(PreferenceInput())
    if data is None:
        abort(400)
    with runtime().database.writing() as db:
        choose(db, ANSWERS_BY_MAIL, data["answers_by_mail"])
    flash(_("Your choice is saved."), "success")
    return redirect(url_for("staff.locals_"))


def _command(data: dict[str, Any]) -> Callable[..., Registration]:
    """The command of an action, with all but the database and the registration filled in."""
    action = data["action"]
    rest = {"actor": staff_member().name, "reason": data["reason"], "now": datetime.now(UTC)}
    over = {"over_capacity": data["over_capacity"]}
    message = {"message": data["message"]}
    if action in _SIMPLE:
        return lambda db, key: _SIMPLE[action](db, key, **rest)
    if action == "cancel":
        return lambda db, key: cancel_by_staff(db, key, **rest, **message)
    if action == "move":
        target = data["target_id"]
        return lambda db, key: move_by_staff(db, key, target, **rest, **message, **over)
    command = confirm_by_staff if action == "confirm" else offer_by_staff
    return lambda db, key: command(db, key, **rest, **over)


def _show_person(registration_id: UUID, typed: Form) -> str:
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        if (view := _known(db, registration_id)) is None:
            abort(404)
        history = registration_history(db, registration_id)
        others = other_sessions(db, view.session, now)
    words = SessionWords(view.session)
    return render_template(
        "registration/person.html",
        form=typed,
        view=view,
        session=words,
        history=history_lines(history, words),
        others=[(str(each.id), _session_label(SessionWords(each))) for each in others],
        **_WORDS,
    )


def _known(db: Session, registration_id: UUID) -> MemberView | None:
    try:
        return member_view(db, registration_id)
    except UnknownRegistration:
        return None


def _session_label(words: SessionWords) -> str:
    return f"{words.title}, {words.dates}, {words.place}"


def _show_locals(typed: Form) -> str:
    day = today(datetime.now(UTC))
    with runtime().database.reading() as db:
        rows = [(each, each.is_affiliated(day)) for each in organisations(db)]
        by_mail = chosen(db, ANSWERS_BY_MAIL)
    values = {"answers_by_mail": "yes"} if by_mail else {}
    return render_template(
        "registration/organisations.html", form=typed, rows=rows, preferences=Form(values=values)
    )
