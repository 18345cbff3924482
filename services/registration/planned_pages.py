"""What will be sent when: a part of a session's staff page, and what staff change there."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed, may_now, sees
from services.chassis.forms import Form, read_form
from services.chassis.policy import PLAN_MAIL, SEE_PEOPLE, SEE_SESSIONS
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.models import OFFERED, Registration, WorkshopSession
from services.registration.planned_mail import CannotPlan, planned_of, set_moment, switch, zone_of
from services.registration.planned_sending import readers_of
from services.registration.planned_wording import (
    MAILS,
    PlannedLine,
    offer_line,
    planned_line,
    why_refused,
)
from services.registration.schemas import MomentInput, SwitchInput
from services.registration.sending_models import PlannedMail
from services.registration.staff_access import seen_session, thing_of
from services.registration.wording import SessionWords

planned_pages = Blueprint("planned", __name__, url_prefix="/staff/sessions/<uuid:session_id>")
_MAIL = f"/planned/<any({', '.join(MAILS)}):occasion>"

Answer = Response | tuple[str, int]


def planned_shown(
    db: Session, session: WorkshopSession, now: datetime, forms: dict[str, Form] | None = None
) -> dict[str, Any]:
    """What the part of the session's page needs; `forms` are those that were refused."""
    words = SessionWords(session)
    rows = [row for row in planned_of(db, session.id) if row.occasion in MAILS]
    offered = sa.select(Registration).where(
        Registration.session_id == session.id, Registration.state == OFFERED
    )
    may_know = sees(SEE_PEOPLE, thing_of(session))
    out = db.scalars(offered.order_by(Registration.offered_until)).all() if may_know else ()
    return {
        "planned": [_line(db, row, session, now, forms or {}) for row in rows],
        "offers_out": [offer_line(each, words) for each in out],
    }


@planned_pages.get("/planned")
@allowed(SEE_SESSIONS)
def planned(session_id: UUID) -> str:
    """What will be sent when, on a page of its own."""
    return _show(session_id)


@planned_pages.post(f"{_MAIL}/switch")
@allowed(PLAN_MAIL)
def switch_mail(session_id: UUID, occasion: str) -> Answer:
    """Switch a planned mail on or off."""
    _typed, data = read_form(SwitchInput())
    if data is None:
        abort(400)
    is_on, actor, now = data["is_on"], staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            seen_session(db, session_id, PLAN_MAIL)
            switch(db, session_id, occasion, is_on=is_on, actor=actor, now=now)
    except CannotPlan as problem:
        flash(why_refused(problem.reason), "error")
    else:
        flash(
            _("This mail is switched on.") if is_on else _("This mail is switched off."), "success"
        )
    return _back(session_id)


@planned_pages.post(_MAIL)
@allowed(PLAN_MAIL)
def move_mail(session_id: UUID, occasion: str) -> Answer:
    """Send a planned mail at another moment, given on the clocks where the session is."""
    typed, data = read_form(MomentInput())
    if data is None:
        return _show(session_id, {occasion: typed}), 422
    actor, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            zone = zone_of(seen_session(db, session_id, PLAN_MAIL))
            due_at = datetime.combine(data["day"], data["hour"], zone)
            set_moment(db, session_id, occasion, due_at, actor=actor, now=now)
    except CannotPlan as problem:
        typed.refuse("hour" if problem.reason == "night" else "day", why_refused(problem.reason))
        return _show(session_id, {occasion: typed}), 409
    flash(_("The time of this mail is changed."), "success")
    return _back(session_id)


def _line(
    db: Session,
    row: PlannedMail,
    session: WorkshopSession,
    now: datetime,
    forms: dict[str, Form],
) -> PlannedLine:
    local = row.due_at.astimezone(zone_of(session))
    form = Form(values={"day": f"{local:%Y-%m-%d}", "hour": f"{local:%H:%M}"})
    return planned_line(
        row,
        SessionWords(session),
        readers=readers_of(db, row),
        form=forms.get(row.occasion, form),
        with_actors=may_now(SEE_PEOPLE, thing_of(session)),
        now=now,
    )


def _show(session_id: UUID, forms: dict[str, Form] | None = None) -> str:
    with runtime().database.reading() as db:
        session = seen_session(db, session_id, SEE_SESSIONS)
        shown = planned_shown(db, session, datetime.now(UTC), forms)
    return render_template(
        "registration/planned.html",
        session=SessionWords(session),
        thing=thing_of(session),
        **shown,
    )


def _back(session_id: UUID) -> Response:
    return redirect(url_for("staff.session", session_id=session_id, _anchor="planned"))
