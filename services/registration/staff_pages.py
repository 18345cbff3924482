"""The staff's pages: the sessions, one session with everybody in it, the locals."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed, may_now, own_areas, sees
from services.chassis.areas import as_known, named
from services.chassis.forms import Form, read_form
from services.chassis.policy import (
    CHOOSE_PREFERENCES,
    KEEP_LOCALS,
    MAIL_ROSTER,
    SEE_CONTACTS,
    SEE_LOCALS,
    SEE_PEOPLE,
    SEE_SESSIONS,
    START,
)
from services.chassis.rules import Thing
from services.chassis.running import links, runtime
from services.chassis.staff import staff_member
from services.contracts import SERVICES
from services.registration.attendance import has_begun
from services.registration.directory import (
    DirectoryEntry,
    areas_of_locals,
    load_directory,
    organisation_by_number,
)
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
    SessionView,
    organisations,
    session_lines,
    session_view,
)
from services.registration.roster_recipient_pages import recipients_shown
from services.registration.roster_recipients import recipients_of
from services.registration.rosters import send_roster
from services.registration.schemas import OrganisationInput, PreferenceInput
from services.registration.seats import lock_session
from services.registration.staff_access import seen_session, thing_of
from services.registration.wording import (
    STATES,
    TONES,
    HistoryLine,
    SessionWords,
    history_lines,
    names_text,
)

staff_pages = Blueprint("staff", __name__, url_prefix="/staff")


@staff_pages.get("/")
@allowed(START)
def sessions() -> str | Response:
    """The sessions that the reader may see, with their counts; a local officer's own people."""
    if not may_now(SEE_SESSIONS):
        local = staff_member().organisation_id
        return redirect(url_for("local_people.people", organisation_id=local))
    with runtime().database.reading() as db:
        lines = session_lines(
            db,
            datetime.now(UTC),
            areas=own_areas(SEE_SESSIONS),
            is_seen=lambda each: may_now(SEE_SESSIONS, thing_of(each)),
        )
    rows = [(each, SessionWords(each.session)) for each in lines]
    return render_template("registration/sessions.html", rows=rows, services=SERVICES)


@staff_pages.get("/sessions/<uuid:session_id>")
@allowed(SEE_SESSIONS)
def session(session_id: UUID) -> str:
    """Everybody in one session."""
    with runtime().database.reading() as db:
        view = session_view(db, seen_session(db, session_id, SEE_SESSIONS))
        recipients = recipients_shown(db, session_id)
        planned = planned_shown(db, view.session, datetime.now(UTC))
    words = SessionWords(view.session)
    return render_template(
        "registration/session.html",
        view=view,
        session=words,
        thing=thing_of(view.session),
        history=_history(view, words),
        begun=has_begun(view.session, datetime.now(UTC)),
        **recipients,
        **planned,
        states=STATES,
        tones=TONES,
    )


@staff_pages.post("/sessions/<uuid:session_id>/roster")
@allowed(MAIL_ROSTER)
def mail_roster(session_id: UUID) -> Response:
    """Send the roster now to all who get it."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        locked_session = lock_session(db, seen_session(db, session_id, MAIL_ROSTER).id)
        names = names_text(recipients_of(db, session_id))
        if send_roster(db, locked_session, "on_demand", links=links(), now=now):
            note(db, locked_session, "roster_sent", now=now, actor=staff_member().name)
    if names:
        flash(_("The roster is on its way to %(names)s.", names=names), "success")
    else:
        flash(_("Nobody gets this session’s roster yet. Add somebody first."), "error")
    return redirect(url_for("staff.session", session_id=session_id))


@staff_pages.get("/organisations")
@allowed(SEE_LOCALS)
def locals_() -> str:
    """The directory of locals."""
    return _show_locals(Form())


@staff_pages.post("/organisations")
@allowed(KEEP_LOCALS)
def keep_local() -> Response | tuple[str, int]:
    """Add a local, or bring it up to date by its number."""
    typed, data = read_form(OrganisationInput())
    if data is None:
        return _show_locals(typed), 422
    with runtime().database.writing() as db:
        data["area"] = as_known(data["area"], areas_of_locals(db))
        known = organisation_by_number(db, data["number"])
        if not all(map(_may_keep_in, (data["area"], known.area if known else ""))):
            abort(403)
        load_directory(db, [DirectoryEntry(**data)], now=datetime.now(UTC))
    flash(_("The local is saved."), "success")
    return redirect(url_for("staff.locals_"))


@staff_pages.post("/organisations/preferences")
@allowed(CHOOSE_PREFERENCES)
def preferences() -> Response:
    """Choose whether answers go by mail alone."""
    _typed, data = read_form(PreferenceInput())
    if data is None:
        abort(400)
    with runtime().database.writing() as db:
        choose(db, ANSWERS_BY_MAIL, data["answers_by_mail"])
    flash(_("Your choice is saved."), "success")
    return redirect(url_for("staff.locals_"))


def _history(view: SessionView, words: SessionWords) -> list[HistoryLine]:
    """The session's history; numbers stand for people where the reader may not know them."""
    thing = thing_of(view.session)
    is_masked = not sees(SEE_PEOPLE, thing)
    return history_lines(
        view.history,
        words,
        names=view.numbers if is_masked else view.names,
        with_actors=not is_masked,
        with_reasons=sees(SEE_CONTACTS, thing),
    )


def _may_keep_in(area: str) -> bool:
    return may_now(KEEP_LOCALS, Thing(areas=named(area)))


def _show_locals(typed: Form) -> str:
    day = today(datetime.now(UTC))
    with runtime().database.reading() as db:
        rows = [(each, each.is_affiliated(day)) for each in organisations(db)]
        by_mail, attached = chosen(db, ANSWERS_BY_MAIL), chosen(db, ROSTER_ATTACHED)
        areas = [each for each in areas_of_locals(db) if _may_keep_in(each)]
    values = {"roster_mail": "attached" if attached else "link"}
    values |= {"answers_by_mail": "yes"} if by_mail else {}
    return render_template(
        "registration/organisations.html",
        form=typed,
        rows=rows,
        areas=areas,
        preferences=Form(values=values),
    )
