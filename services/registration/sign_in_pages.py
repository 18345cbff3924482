"""Signing in and out, for staff of all three services."""

from datetime import UTC, datetime

import flask
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form
from services.chassis.limits import limiter
from services.chassis.policy import SIGN_IN
from services.chassis.running import runtime
from services.chassis.staff import sign_in
from services.registration.accounts import check_password
from services.registration.schemas import SignInInput

sign_in_pages = Blueprint("sign_in", __name__, url_prefix="/staff")


@sign_in_pages.get("/sign-in")
@allowed(SIGN_IN)
def form() -> str:
    """The empty form; `next` is where the reader was going."""
    return _show(Form(values={"next": request.args.get("next", "")[:300]}))


@sign_in_pages.post("/sign-in")
@allowed(SIGN_IN)
@limiter.limit("30 per minute")
def send() -> Response | tuple[str, int]:
    """Check the password and begin a session."""
    typed, data = read_form(SignInInput())
    if data is None:
        return _show(typed), 422
    with runtime().database.reading() as db:
        member = check_password(db, data["email"], data["password"])
    if member is None:
        typed.refuse("password", _("This address and password do not belong together."))
        return _show(typed), 422
    sign_in(member, datetime.now(UTC))
    return redirect(_own_site(data["next"]))


@sign_in_pages.post("/sign-out")
@allowed(SIGN_IN)
def out() -> Response:
    """End the session in this browser."""
    flask.session.clear()
    return redirect("/")


def _show(typed: Form) -> str:
    typed.values.pop("password", None)
    return render_template("registration/sign_in.html", form=typed)


def _own_site(path: str) -> str:
    """Where to go next, never to another site."""
    is_ours = path.startswith(("/staff", "/mailbox"))
    return path if is_ours and "//" not in path and "\\" not in path else "/staff/"
