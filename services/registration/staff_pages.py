"""The staff's pages: the sessions, one session with everybody in it, the locals."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.forms import Form, read_form
from services.chassis.running import links, runtime
from services.chassis.staff import ADMIN, COORDINATOR, FACILITATOR, staff_member, staff_only
from services.contracts import SERVICES
from services.registration.attendance import has_begun
from services.registration.directory import DirectoryEntry, load_directory
from services.registration.fees import today
from services.registration.history import note
from services.registration.planned_pages import planned_shown
from services.registration.preferences import (
    ANSWERS_BY_MAIL,
    ROSTER_ATTACHED,
    choose,
    chosen,
)
from services.registration.queries import (
    organisations,
    session_lines,
    session_view,
)
from services.registration.roster_recipient_pages import recipients_shown
from services.registration.roster_recipients import recipients_of
from services.registration.rosters import send_roster
from services.registration.schemas import OrganisationInput, PreferenceInput
from services.registration.seats import lock_session
from services.registration.staff_access import seen_session
from services.registration.wording import (
    STATES,
    TONES,
    SessionWords,
    history_lines,
    names_text,
)

staff_pages = Blueprint("staff", __name__, url_prefix="/staff")
_MAY_ACT = (ADMIN, COORDINATOR)


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
        recipients = recipients_shown(db, session_id)
        planned = planned_shown(db, view.session, datetime.now(UTC))
    words, may_act = SessionWords(view.session), staff_member().role in _MAY_ACT
    return render_template(
        "registration/session.html",
        view=view,
        session=words,
        history=history_lines(view.history, words, names=view.names, with_reasons=may_act),
        may_act=may_act,
        begun=has_begun(view.session, datetime.now(UTC)),
        **recipients,
        **planned,
        states=STATES,
        tones=TONES,
    )


@staff_pages.post("/sessions/<uuid:session_id>/roster")
@staff_only()
def mail_roster(session_id: UUID) -> Response:
    """Send the roster now to all who get it."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        locked_session = lock_session(db, seen_session(db, session_id).id)
        names = names_text(recipients_of(db, session_id))
        if send_roster(db, locked_session, "on_demand", links=links(), now=now):
            note(db, locked_session, "roster_sent", now=now, actor=staff_member().name)
    if names:
        flash(_("The roster is on its way to %(names)s.", names=names), "success")
    else:
        flash(_("Nobody gets this session’s roster yet. Add somebody first."), "error")
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


def _show_locals(typed: Form) -> str:
    day = today(datetime.now(UTC))
    with runtime().database.reading() as db:
        rows = [(each, each.is_affiliated(day)) for each in organisations(db)]
        by_mail, attached = chosen(db, ANSWERS_BY_MAIL), chosen(db, ROSTER_ATTACHED)
    values = {"roster_mail": "attached" if attached else "link"}
    values |= {"answers_by_mail": "yes"} if by_mail else {}
    return render_template(
        "registration/organisations.html", form=typed, rows=rows, preferences=Form(values=values)
    )
