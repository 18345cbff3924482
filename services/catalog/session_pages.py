"""The staff pages of one session: edit, settle flags, publish, cancel, seats, another date."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, request
from flask_babel import gettext as _

from services.catalog import commands
from services.catalog.models import PUBLISHED
from services.catalog.refusals import Refusal
from services.catalog.schemas import AnotherDate, Cancellation, CapacityChange, SettledFlag
from services.catalog.session_form import read_session_form
from services.catalog.staff_access import is_own_area, known_areas, require_change, seen_session
from services.catalog.staff_answers import (
    LIST_ADDRESS,
    Answer,
    on_refusal,
    session_address,
    show_session,
)
from services.chassis.access import allowed
from services.chassis.areas import as_known
from services.chassis.forms import read_form
from services.chassis.policy import CANCEL_SESSIONS, EDIT_SESSIONS, PUBLISH_SESSIONS
from services.chassis.running import runtime
from services.chassis.staff import staff_member

pages = Blueprint(
    "catalog_session", __name__, url_prefix=f"{LIST_ADDRESS}/sessions/<uuid:session_id>"
)
pages.register_error_handler(Refusal, on_refusal)


@pages.get("")
@allowed(EDIT_SESSIONS)
def session(session_id: UUID) -> str:
    """All of a session, to be changed."""
    with runtime().database.reading() as db:
        seen_session(db, session_id, EDIT_SESSIONS)
    return show_session(session_id)


@pages.post("")
@allowed(EDIT_SESSIONS)
def save(session_id: UUID) -> Answer:
    """Save the form and publish if so asked; what is saved stays where publishing is refused."""
    form, data = read_session_form()
    if data is None:
        return show_session(session_id, form=form), 422
    reason, then = data.pop("reason"), data.pop("then")
    who, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            seen_session(db, session_id, EDIT_SESSIONS)
            data["area"] = as_known(data["area"], known_areas(db))
            if not is_own_area(data["area"]):
                form.refuse("area", _("This is not one of your areas."))
                return show_session(session_id, form=form), 422
            require_change(db, session_id, data)
            commands.edit_session(db, session_id, data, actor=who, now=now, reason=reason)
    except Refusal as refused:
        return show_session(session_id, form=form, refused=refused), 409
    flash(_("Saved."), "success")
    return publish(session_id) if then else redirect(session_address(session_id))


@pages.post("/publish")
@allowed(PUBLISH_SESSIONS)
def publish(session_id: UUID) -> Answer:
    """Publish a draft."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, PUBLISH_SESSIONS)
        commands.publish_session(db, session_id, actor=staff_member().name, now=now)
    flash(_("Published. Sign-up is open."), "success")
    return redirect(session_address(session_id))


@pages.post("/cancel")
@allowed(CANCEL_SESSIONS)
def cancel(session_id: UUID) -> Answer:
    """Cancel a published session."""
    form, data = read_form(Cancellation())
    if data is None:
        return show_session(session_id, cancel=form), 422
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, CANCEL_SESSIONS)
        commands.cancel_session(db, session_id, actor=staff_member().name, now=now, **data)
    flash(_("The session is cancelled. Everybody concerned is told by mail."), "success")
    return redirect(session_address(session_id))


@pages.post("/capacity")
@allowed(EDIT_SESSIONS)
def capacity(session_id: UUID) -> Answer:
    """Change the number of seats; the answer is the list of who sits on them."""
    form, data = read_form(CapacityChange())
    if data is None:
        return show_session(session_id, capacity=form), 422
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, EDIT_SESSIONS)
        changed = commands.change_capacity(
            db, session_id, actor=staff_member().name, now=now, **data
        )
    flash(_("The number of seats is changed."), "success")
    is_public = changed.status == PUBLISHED
    return redirect(f"/staff/sessions/{session_id}" if is_public else session_address(session_id))


@pages.post("/flags/settle")
@allowed(EDIT_SESSIONS)
def settle(session_id: UUID) -> Answer:
    """Take a flag off."""
    _form, data = read_form(SettledFlag())
    key, now = (data or {"key": ""})["key"], datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, EDIT_SESSIONS)
        commands.settle_flag(db, session_id, key, actor=staff_member().name, now=now)
    return redirect(session_address(session_id))


@pages.post("/duplicate")
@allowed(EDIT_SESSIONS)
def duplicate(session_id: UUID) -> Answer:
    """Make a draft of the same session on another date."""
    form, data = read_form(AnotherDate())
    if data is None:
        return show_session(session_id, duplicate=form), 422
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, EDIT_SESSIONS)
        made = commands.duplicate_session(
            db, session_id, actor=staff_member().name, now=now, **data
        )
    flash(_("This is the copy. It is a draft."), "success")
    return redirect(session_address(made.id))


@pages.post("/set-aside", endpoint="set_aside")
@pages.post("/take-up", endpoint="take_up")
@allowed(EDIT_SESSIONS)
def put_away_or_take_up(session_id: UUID) -> Answer:
    """Put a draft away, or make it a draft again."""
    away = request.path.endswith("/set-aside")
    move = commands.set_aside if away else commands.take_up
    with runtime().database.writing() as db:
        seen_session(db, session_id, EDIT_SESSIONS)
        move(db, session_id, actor=staff_member().name, now=datetime.now(UTC))
    flash(_("Set aside.") if away else _("It is a draft again."), "success")
    return redirect(LIST_ADDRESS)
