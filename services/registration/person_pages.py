"""One person's place: its page, and what staff press there and beside the name in the list."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed, may_now
from services.chassis.forms import Form, read_form
from services.chassis.policy import ACT_ON_PLACE, CORRECT_ADDRESS, NOTE_ATTENDANCE, SEE_PERSON
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.addresses import correct_address
from services.registration.attendance import has_begun, note_attendance
from services.registration.models import Registration
from services.registration.places import TooLate
from services.registration.queries import (
    member_view,
    other_sessions,
    registration_history,
)
from services.registration.schemas import ActionInput, AddressInput, AttendanceInput
from services.registration.seats import UnknownSession
from services.registration.staff_access import seen_place, seen_session, thing_of
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

person_pages = Blueprint(
    "people", __name__, url_prefix="/staff/registrations/<uuid:registration_id>"
)
_SIMPLE = {"hold": hold_back, "release": release, "note": write_note}


@person_pages.get("")
@allowed(SEE_PERSON)
def person(registration_id: UUID) -> str:
    """One person's place with its history and what can be done."""
    return _show(registration_id, Form())


@person_pages.post("/act")
@allowed(ACT_ON_PLACE)
def act(registration_id: UUID) -> Response | tuple[str, int]:
    """Do one thing with a place, for a reason."""
    typed, data = read_form(ActionInput())
    if data is None:
        return _show(registration_id, typed), 422
    try:
        with runtime().database.writing() as db:
            seen_place(db, registration_id, ACT_ON_PLACE)
            if data["action"] == "move" and data["target_id"]:
                seen_session(db, data["target_id"], ACT_ON_PLACE)
            registration = _command(data)(db, registration_id)
    except (TooLate, NotPossible, OverCapacity, NoSuchPath, UnknownSession) as problem:
        typed.refuse("action", refusal(problem.reason))
        return _show(registration_id, typed), 409
    flash(_("Done, and kept in the history."), "success")
    return redirect(url_for("staff.session", session_id=registration.session_id))


@person_pages.post("/address")
@allowed(CORRECT_ADDRESS)
def correct(registration_id: UUID) -> Response | tuple[str, int]:
    """Correct the address; what did not arrive goes to the new one."""
    typed, data = read_form(AddressInput())
    if data is None:
        return _show(registration_id, Form(), address=typed), 422
    why = {"actor": staff_member().name, "reason": data["reason"], "now": datetime.now(UTC)}
    try:
        with runtime().database.writing() as db:
            seen_place(db, registration_id, CORRECT_ADDRESS)
            correct_address(db, registration_id, data["email"], **why)
    except NotPossible as problem:
        typed.refuse("email", refusal(problem.reason))
        return _show(registration_id, Form(), address=typed), 409
    flash(_("The address is corrected. What did not arrive goes to the new one."), "success")
    return redirect(url_for("people.person", registration_id=registration_id))


@person_pages.post("/attendance")
@allowed(NOTE_ATTENDANCE)
def attendance(registration_id: UUID) -> Response:
    """Note whether somebody came, and go back to their session."""
    _typed, data = read_form(AttendanceInput())
    if data is None:
        abort(400)
    who, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            session_id = seen_place(db, registration_id, NOTE_ATTENDANCE).session_id
            note_attendance(db, registration_id, came=data["came"], actor=who, now=now)
    except (TooLate, NotPossible) as problem:
        flash(refusal(problem.reason), "error")
    return redirect(url_for("staff.session", session_id=session_id))


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


def _show(registration_id: UUID, typed: Form, *, address: Form | None = None) -> str:
    """The page of one person's place, with what was typed into its two forms."""
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        view = member_view(db, seen_place(db, registration_id, SEE_PERSON).id)
        history = registration_history(db, registration_id)
        others = [
            each
            for each in other_sessions(db, view.session, now)
            if may_now(ACT_ON_PLACE, thing_of(each))
        ]
    words = SessionWords(view.session)
    return render_template(
        "registration/person.html",
        form=typed,
        address_form=address or Form(),
        view=view,
        thing=thing_of(view.session),
        session=words,
        begun=has_begun(view.session, now),
        history=history_lines(history, words),
        others=[(str(each.id), _session_label(SessionWords(each))) for each in others],
        states=STATES,
        tones=TONES,
        actions=ACTIONS,
    )


def _session_label(words: SessionWords) -> str:
    return f"{words.title}, {words.dates}, {words.place}"
