"""Signing in with a password and signing out, for staff of all three services."""

from datetime import UTC, datetime, timedelta

import flask
import sqlalchemy as sa
from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form
from services.chassis.log import logger
from services.chassis.policy import SIGN_IN
from services.chassis.running import runtime
from services.registration.coming_in import come_in, end_presented
from services.registration.known_browser import mark_for
from services.registration.passwords import check_password
from services.registration.schemas import SignInInput
from services.registration.sign_in_delay import (
    Counter,
    begin_try,
    counter_of_account,
    counter_of_network,
    end_pause,
    take_back,
)
from services.registration.sign_ins import note_seen

sign_in_pages = Blueprint("sign_in", __name__, url_prefix="/staff")

log = logger(__name__)


@sign_in_pages.get("/sign-in")
@allowed(SIGN_IN)
def form() -> str:
    """The empty form; `next` is where the reader was going."""
    return show_sign_in(Form(values={"next": request.args.get("next", "")[:300]}))


@sign_in_pages.post("/sign-in")
@allowed(SIGN_IN)
def send() -> Response | tuple[str, int]:
    """Check the password, and go on to what else is needed."""
    typed, data = read_form(SignInInput())
    if data is None:
        return show_sign_in(typed), 422
    now = datetime.now(UTC)
    account, *network = _counters(data["email"])
    with runtime().database.writing() as db:
        pause = begin_try(db, [account, *network], now)
    if pause:
        log.warning("sign-in refused", reason="pause")
        typed.refuse("password", pause_words(pause))
        return show_sign_in(typed), 429
    with runtime().database.reading() as db:
        member = check_password(db, data["email"], data["password"])
    if member is None:
        log.warning("sign-in refused", reason="wrong password")
        typed.refuse("password", _("This address and password do not belong together."))
        return show_sign_in(typed), 422
    with runtime().database.writing() as db:
        end_pause(db, [account])
        take_back(db, network, now)
    return come_in(member, going_to=data["next"], now=now)


@sign_in_pages.post("/sign-out")
@allowed(SIGN_IN)
def out() -> Response:
    """End the sign-in, for every copy of its cookie."""
    with runtime().database.writing() as db:
        end_presented(db, datetime.now(UTC))
    flask.session.clear()
    return redirect("/")


@sign_in_pages.after_app_request
def _note_seen(response: flask.Response) -> flask.Response:
    """Note when a sign-in was last seen; a busy database does not keep the page back."""
    if "sign_in_seen" in g:
        try:
            with runtime().database.writing() as db:
                note_seen(db, g.sign_in_seen, datetime.now(UTC))
        except sa.exc.OperationalError:
            log.warning("sign-in not noted as seen")
    return response


def pause_words(pause: timedelta) -> str:
    """When to try again, in whole seconds or minutes."""
    seconds = -(-pause // timedelta(seconds=1))
    if seconds <= 60:
        words = ngettext(
            "Too many tries. Please wait a second, then try again.",
            "Too many tries. Please wait %(num)d seconds, then try again.",
            seconds,
        )
    else:
        words = ngettext(
            "Too many tries. Please wait a minute, then try again.",
            "Too many tries. Please wait %(num)d minutes, then try again.",
            -(-seconds // 60),
        )
    return str(words)


def _counters(email: str) -> list[Counter]:
    """What the try is counted by; from a browser that is known, by nothing that others can use."""
    settings, mark = runtime().settings, mark_for(email)
    account = counter_of_account(settings, email, mark)
    return [account] if mark else [account, counter_of_network(settings, request.remote_addr or "")]


def show_sign_in(typed: Form) -> str:
    """The form, and the organisation's own way in where there is one."""
    typed.values.pop("password", None)
    openid = runtime().settings.openid
    return render_template(
        "registration/sign_in.html", form=typed, provider=openid.name if openid else ""
    )
