"""The pages for whoever has forgotten their password: ask for a link, and choose another by it."""

import time
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.capabilities import SHORTEST_TOKEN, keep_open, opened_version, without_link
from services.chassis.forms import Form, read_form
from services.chassis.policy import CHOOSE_PASSWORD, SIGN_IN
from services.chassis.running import links, runtime
from services.chassis.staff import StaffMember
from services.registration.choosing_password import is_fit, weak_words
from services.registration.forgotten_password import choose_password, mail_link
from services.registration.known_browser import mark_for
from services.registration.schemas import ChosenPasswordInput, ForgottenPasswordInput
from services.registration.sign_in_delay import (
    begin_try,
    counter_of_account,
    counter_of_asking,
    counter_of_links,
    end_pause,
)
from services.registration.sign_in_pages import pause_words
from services.registration.sign_ins import is_as_it_was

forgotten_pages = Blueprint("forgotten", __name__, url_prefix="/staff/sign-in")
_OPENED = "password"
ANSWER_TAKES = 0.1
"""Seconds, whether there is an account or not: to write a mail takes longer than to find nobody."""


@forgotten_pages.get("/forgotten")
@allowed(SIGN_IN)
def ask() -> str:
    """Ask whose password it is."""
    return _ask(Form())


@forgotten_pages.post("/forgotten")
@allowed(SIGN_IN)
def send_link() -> Response | tuple[str, int]:
    """Have the link mailed, if the address has an account; the answer is the same if not."""
    typed, data = read_form(ForgottenPasswordInput())
    if data is None:
        return _ask(typed), 422
    began, now, settings = time.monotonic(), datetime.now(UTC), runtime().settings
    from_there = counter_of_asking(settings, request.remote_addr or "")
    with runtime().database.writing() as db:
        pause = begin_try(db, [counter_of_links(settings, data["email"]), from_there], now)
        if not pause:
            mail_link(db, data["email"], now)
    if pause:
        typed.refuse("email", pause_words(pause))
        return _ask(typed), 429
    time.sleep(max(0.0, ANSWER_TAKES - (time.monotonic() - began)))
    flash(
        _(
            "If there is an account with this address, a mail is on its way there. "
            "The link in it works for an hour."
        )
    )
    return redirect(url_for("sign_in.form"))


@forgotten_pages.get(f"/new-password/<string(minlength={SHORTEST_TOKEN}):token>")
@allowed(CHOOSE_PASSWORD)
def follow(token: str) -> Response | tuple[str, int]:
    """Take the link out of the address."""
    staff_id, epoch, until = links().read_new_password(token) or abort(404)
    now = datetime.now(UTC)
    if until <= now:
        return _dead()
    keep_open(_OPENED, staff_id, now, version=epoch, until=until)
    return without_link("forgotten.choose", staff_id=staff_id)


@forgotten_pages.get("/new-password/<uuid:staff_id>")
@allowed(CHOOSE_PASSWORD)
def choose(staff_id: UUID) -> str | tuple[str, int]:
    """Ask for the new password."""
    member = _owner(staff_id)
    return _dead() if member is None else _choose(member, Form())


@forgotten_pages.post("/new-password/<uuid:staff_id>")
@allowed(CHOOSE_PASSWORD)
def chosen(staff_id: UUID) -> Response | tuple[str, int]:
    """Take the new password; whoever chose it signs in with it, as ever."""
    typed, data = read_form(ChosenPasswordInput())
    member, now = _owner(staff_id), datetime.now(UTC)
    if member is None:
        return _dead()
    if data is None or not is_fit(typed, data, member):
        return _choose(member, typed), 422
    guesses = counter_of_account(runtime().settings, member.email, mark_for(member.email))
    with runtime().database.writing() as db:
        end_pause(db, [guesses])
        epoch = member.sign_in_epoch
        if choose_password(db, staff_id, epoch, data["new_password"], now) is None:
            return _dead()
    flash(_("Your password is changed, and you are signed out everywhere."), "success")
    return redirect(url_for("sign_in.form"))


def _owner(staff_id: UUID) -> StaffMember | None:
    """The account that this browser has followed a link of; None once the link has died."""
    epoch = opened_version(_OPENED, staff_id, datetime.now(UTC))
    with runtime().database.reading() as db:
        member = db.get(StaffMember, staff_id)
    return member if member and is_as_it_was(member, epoch) else None


def _ask(typed: Form, *, is_dead: bool = False) -> str:
    openid = runtime().settings.openid
    provider = openid.name if openid else ""
    return render_template(
        "registration/forgotten.html", form=typed, is_dead=is_dead, provider=provider
    )


def _dead() -> tuple[str, int]:
    return _ask(Form(), is_dead=True), 410


def _choose(member: StaffMember, typed: Form) -> str:
    for name in ("new_password", "repeated"):
        typed.values.pop(name, None)
    return render_template(
        "registration/new_password.html", form=typed, member=member, weak_words=weak_words
    )
