"""Signing in by way of the organisation's own provider: going there, and coming back."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import flask
from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form
from services.chassis.log import logger
from services.chassis.policy import SIGN_IN
from services.chassis.running import runtime
from services.registration.accounts import by_email
from services.registration.coming_in import come_in
from services.registration.sign_in_pages import show_sign_in
from services.registration.vouching import NotVouched, ProviderAway

if TYPE_CHECKING:
    from services.registration.openid import Provider

openid_pages = Blueprint("openid", __name__, url_prefix="/staff/sign-in/provider")
_GOING_TO = "going_to"

log = logger(__name__)


@openid_pages.get("")
@allowed(SIGN_IN)
def go() -> Response | tuple[str, int]:
    """Send the browser to the provider."""
    provider = _provider()
    flask.session[_GOING_TO] = request.args.get("next", "")[:300]
    back = f"{runtime().settings.base_url}{url_for('openid.come_back')}"
    try:
        return provider.ask(back)
    except ProviderAway:
        return _refuse(_away(), "provider away", 503)


@openid_pages.get("/back")
@allowed(SIGN_IN)
def come_back() -> Response | tuple[str, int]:
    """Let in whom the provider vouches for, if they have an account here."""
    provider = _provider()
    try:
        vouched = provider.hear()
    except ProviderAway:
        return _refuse(_away(), "provider away", 503)
    except NotVouched as problem:
        words = _("Your organisation’s sign-in did not work. Please try again.")
        return _refuse(words, str(problem), 422)
    with runtime().database.reading() as db:
        member = by_email(db, vouched.email)
    if member is None or not member.active:
        words = _("You have no account here. Ask an administrator for one with your address.")
        return _refuse(words, "no account", 403)
    going_to = flask.session.get(_GOING_TO, "")
    return come_in(member, going_to=going_to, now=datetime.now(UTC), with_both=vouched.with_both)


def _provider() -> "Provider":
    # Its libraries take 5 MB in each process that has them, and most sites have no provider.
    from services.registration.openid import Provider  # noqa: PLC0415

    settings = runtime().settings.openid
    if settings is None:
        abort(404)
    return Provider(settings)


def _away() -> str:
    return str(
        _("Your organisation’s sign-in does not answer. You can sign in with your password.")
    )


def _refuse(words: str, reason: str, status: int) -> tuple[str, int]:
    log.warning("sign-in by provider refused", reason=reason)
    typed = Form(values={"next": flask.session.get(_GOING_TO, "")})
    typed.refuse("_provider", words)
    return show_sign_in(typed), status
