"""The mark of a browser that somebody has signed in with before, so that others cannot delay them.

Whoever guesses at an account makes everybody wait who tries it from an unknown browser. One that
bears the mark has a pause of its own. The mark opens nothing.
"""

from uuid import uuid4

from flask import request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from services.chassis.keys import TRIES, keys_for
from services.chassis.running import runtime
from services.registration.sign_in_delay import counter_of_account

_YEAR_SECONDS = 365 * 24 * 3600


def mark_for(email: str) -> str:
    """The mark that the browser bears for this account; empty when it bears none."""
    try:
        account, mark = _signer().loads(request.cookies.get(_name(), ""))
    except (BadData, ValueError, TypeError):
        return ""
    return str(mark) if account == _account(email) else ""


def give_mark(response: Response, email: str) -> None:
    """Let the browser bear a mark for an account that has just been signed in to."""
    mark = mark_for(email) or uuid4().hex
    signed = _signer().dumps([_account(email), mark])
    response.set_cookie(
        _name(),
        signed if isinstance(signed, str) else signed.decode(),
        max_age=_YEAR_SECONDS,
        secure=runtime().settings.secure,
        httponly=True,
        samesite="Lax",
    )


def _account(email: str) -> str:
    """What stands for the account in the mark; the address itself is nobody else's business."""
    return counter_of_account(runtime().settings, email).key


def _name() -> str:
    return "__Host-turnout-known" if runtime().settings.secure else "turnout-known"


def _signer() -> URLSafeSerializer:
    newest, *older = [each.value for each in keys_for(runtime().settings, TRIES)]
    return URLSafeSerializer([*older, newest], salt="turnout.known browser")
