"""The members' pages: the sign-up form and its answer, and everybody's own page."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import flask
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.capabilities import (
    SHORTEST_TOKEN,
    LinkNeeded,
    keep_open,
    opened_version,
    without_link,
)
from services.chassis.forms import Form, read_form
from services.chassis.i18n import reader_language
from services.chassis.ids import new_id
from services.chassis.limits import count_sign_up, count_try, sign_ups_unlimited
from services.chassis.policy import KEEP_OWN_PLACE, SIGN_UP
from services.chassis.running import links, runtime
from services.registration.answers import Answer, KeyUsedOtherwise, NotBookable, SignUp
from services.registration.by_a_person import is_by_a_person, stamped
from services.registration.choosing_local import choose_local
from services.registration.consent import agree_to_announcements, end_announcements
from services.registration.models import WorkshopSession
from services.registration.places import (
    TooLate,
    UnknownRegistration,
    accept_offer,
    change_details,
    decline_offer,
    give_up,
    lock_registration,
)
from services.registration.queries import MemberView, member_view, organisations
from services.registration.schemas import ConsentInput, DetailsInput, SignUpForm
from services.registration.seats import free_seats, is_open
from services.registration.signing_up import bookable, was_answered
from services.registration.together import sign_up_together
from services.registration.wording import SessionWords, money, place_words, refusal

member_pages = Blueprint("members", __name__)
OWN = "own_registrations"
OWN_PAGE = "my"
_MOST_REMEMBERED = 20


@member_pages.get("/sign-up/<uuid:session_id>")
@allowed(SIGN_UP)
def form(session_id: UUID) -> str | tuple[str, int]:
    """The empty form, or why there is none."""
    values = {"form_key": str(new_id()), "language": reader_language()}
    return _show_form(session_id, Form(values=values))


@member_pages.post("/sign-up/<uuid:session_id>")
@allowed(SIGN_UP)
def send(session_id: UUID) -> Response | str | tuple[str, int]:
    """Sign up; with errors the form comes back as it was filled in."""
    count_try()
    typed, data = read_form(SignUpForm())
    entry = _entry(data, typed) if data is not None else None
    if entry is None or data is None:
        return _show_form(session_id, typed, status=422)
    try:
        answer = _sign_up(session_id, entry, f"form:{data['form_key']}")
    except NotBookable as problem:
        return _not_bookable(problem)
    _remember(answer.registration.id, shown=not (answer.repeated or answer.by_mail))
    if answer.repeated and flask.session["answer"]:
        flash(_nothing_changed(), "warning")
    return redirect(url_for("members.answered", session_id=session_id))


@member_pages.get("/sign-up/<uuid:session_id>/answer")
@allowed(SIGN_UP)
def answered(session_id: UUID) -> str | Response:
    """What became of the sign-up, or where to read it, for the browser that sent it."""
    remembered = flask.session.get("answer")
    if remembered is None:
        return redirect(url_for("members.form", session_id=session_id))
    try:
        with runtime().database.reading() as db:
            session = db.get(WorkshopSession, session_id)
            view = member_view(db, UUID(remembered)) if remembered else None
    except UnknownRegistration:  # The cookie is older than the database.
        session = view = None
    if session is None or (view and view.session.id != session_id):
        return redirect(url_for("members.form", session_id=session_id))
    return render_template(
        "registration/answer.html", session=SessionWords(session), **_member_words(view)
    )


@member_pages.get(f"/my/<string(minlength={SHORTEST_TOKEN}):token>")
@allowed(KEEP_OWN_PLACE)
def follow(token: str) -> Response:
    """Take the link out of the address; it works any number of times, and changes nothing."""
    registration_id, version = links().read_manage(token) or abort(404)
    try:
        with runtime().database.reading() as db:
            member_view(db, registration_id, version)
    except UnknownRegistration:
        abort(404)
    keep_open(OWN_PAGE, registration_id, datetime.now(UTC), version=version)
    return without_link("members.own", registration_id=registration_id)


@member_pages.get("/my/<uuid:registration_id>")
@allowed(KEEP_OWN_PLACE)
def own(registration_id: UUID) -> str:
    """A member's own page; looking at it changes nothing."""
    return _show_own(own_place(registration_id))


@member_pages.post("/my/<uuid:registration_id>/<any(accept, decline, cancel):action>")
@allowed(KEEP_OWN_PLACE)
def act(registration_id: UUID, action: str) -> Response:
    """Accept or decline an offer, or give a place up."""
    command = {"accept": accept_offer, "decline": decline_offer, "cancel": give_up}[action]
    own_place(registration_id)
    try:
        with runtime().database.writing() as db:
            command(db, registration_id, now=datetime.now(UTC))
    except TooLate as problem:
        flash(refusal(problem.reason), "error")
    return redirect(url_for("members.own", registration_id=registration_id))


@member_pages.post("/my/<uuid:registration_id>/details")
@allowed(KEEP_OWN_PLACE)
def details(registration_id: UUID) -> Response | str | tuple[str, int]:
    """Correct one's own details."""
    view = own_place(registration_id)
    typed, data = read_form(DetailsInput())
    if data is None:
        return _show_own(view, typed), 422
    try:
        with runtime().database.writing() as db:
            change_details(db, view.registration.id, data, now=datetime.now(UTC))
    except TooLate as problem:
        flash(refusal(problem.reason), "error")
    else:
        flash(_("Your details are saved."), "success")
    return redirect(url_for("members.own", registration_id=registration_id))


@member_pages.post("/my/<uuid:registration_id>/announcements")
@allowed(KEEP_OWN_PLACE)
def announcements(registration_id: UUID) -> Response:
    """Agree to be told of new workshops, or want it no more."""
    own_place(registration_id)
    _typed, data = read_form(ConsentInput())
    if data is None:
        abort(400)
    command = agree_to_announcements if data["agreed"] else end_announcements
    with runtime().database.writing() as db:
        _session, registration = lock_registration(db, registration_id)
        command(db, registration, now=datetime.now(UTC))
    flash(_("Your choice is saved."), "success")
    return redirect(url_for("members.own", registration_id=registration_id))


def _nothing_changed() -> str:
    words: str = _(
        "You were signed up already, and nothing was changed. "
        "Your own page, by the link in your mail, is where to change your details."
    )
    return words


def _show_form(session_id: UUID, typed: Form, status: int = 200) -> str | tuple[str, int]:
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        try:
            session = bookable(db.get(WorkshopSession, session_id), now)
        except NotBookable as problem:
            return _not_bookable(problem)
        page = render_template(
            "registration/sign_up.html",
            form=stamped(typed, runtime().settings, now),
            session=SessionWords(session),
            full=not free_seats(db, session),
            locals=[each.label for each in organisations(db)],
        )
    return page, status


def _entry(data: dict[str, Any], typed: Form) -> SignUp | None:
    """The sign-up that was filled in; None, with the reason on the form, when it cannot be one."""
    settings, now = runtime().settings, datetime.now(UTC)
    if not sign_ups_unlimited() and not is_by_a_person(data, typed, settings, now):
        return None
    with runtime().database.reading() as db:
        entry, again = choose_local(db, data, typed), was_answered(db, f"form:{data['form_key']}")
    if entry is not None and not again:
        count_sign_up(entry.email)
    return entry


def _sign_up(session_id: UUID, entry: SignUp, key: str) -> Answer:
    database, now = runtime().database, datetime.now(UTC)
    try:
        return sign_up_together(database, session_id, entry, key=key, now=now)
    except KeyUsedOtherwise:  # They went back and corrected the form.
        return sign_up_together(database, session_id, entry, now=now)


def _not_bookable(problem: NotBookable) -> tuple[str, int]:
    status = 404 if problem.reason == "unknown" else 409
    message = refusal(problem.reason)
    page = render_template("registration/not_bookable.html", reason=problem.reason, message=message)
    return page, status


def _remember(registration_id: UUID, *, shown: bool) -> None:
    """Keep for this browser which answer it may see; an empty one says “see your mail”."""
    own_ids = flask.session.get(OWN, [])
    known = str(registration_id) in own_ids
    flask.session["answer"] = str(registration_id) if shown or known else ""
    if shown and not known:
        flask.session[OWN] = [*own_ids, str(registration_id)][-_MOST_REMEMBERED:]


def own_place(registration_id: UUID) -> MemberView:
    """The place that a link opened in this browser; LinkNeeded, also when the link is replaced."""
    version = opened_version(OWN_PAGE, registration_id, datetime.now(UTC))
    try:
        with runtime().database.reading() as db:
            return member_view(db, registration_id, version)
    except UnknownRegistration as problem:
        raise LinkNeeded from problem


def _show_own(view: MemberView, typed: Form | None = None) -> str:
    return render_template(
        "registration/own.html",
        form=typed or Form(values=_details(view)),
        session=SessionWords(view.session),
        open=is_open(view.session, datetime.now(UTC)),
        **_member_words(view),
    )


def _member_words(view: MemberView | None) -> dict[str, Any]:
    if view is None:
        return {"registration": None, "place": None, "fee": ""}
    return {
        "registration": view.registration,
        "place": place_words(view.place) if view.place else None,
        "fee": money(view.registration.fee_cents),
    }


def _details(view: MemberView) -> dict[str, Any]:
    registration = view.registration
    ticked = {
        name: "yes" for name in ("phone_on_roster", "auto_confirm") if getattr(registration, name)
    }
    kept = {name: getattr(registration, name) for name in ("name", "role", "phone", "language")}
    return kept | ticked | {"needs": view.needs}
