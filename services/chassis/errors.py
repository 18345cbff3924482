"""What a reader sees when something cannot be answered: a page, or problem+json for programs."""

from typing import Any

import sqlalchemy as sa
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from services.chassis.capabilities import LinkNeeded
from services.chassis.forms import plain_errors
from services.chassis.limits import TooManyForAddress
from services.chassis.log import logger
from services.chassis.protection import ForeignForm, WrongHost
from services.chassis.running import runtime

PROBLEM = "application/problem+json"
RETRY_AFTER_SECONDS = "5"

log = logger(__name__)

Words = dict[type[HTTPException], tuple[str, str]]
"""A heading and what to do about it, by kind of error."""


class BeingLookedAfter(ServiceUnavailable):
    """An operator has paused this service."""


def set_up_errors(app: Flask) -> None:
    """Answer every error in the reader's language and form, with no stack trace."""
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(sa.exc.OperationalError, _busy)
    app.register_error_handler(Exception, _broken)


def answer(problem: HTTPException) -> Response:
    """The page or the problem+json of an HTTP error; redirects pass as they are."""
    code = problem.code or 500
    if problem.response is not None or code < 400:
        return make_response(problem.get_response())
    body = _problem(problem, code) if _wants_json() else _page(problem, code)
    response = make_response(body, code)
    if code in (429, 503):
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    if isinstance(problem, MethodNotAllowed) and problem.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(problem.valid_methods))
    if code == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _busy(problem: sa.exc.OperationalError) -> Response:
    g.broken = True
    log.warning("database busy or away", kind=type(problem.orig).__name__)
    return answer(ServiceUnavailable())


def _broken(problem: Exception) -> Response:
    g.broken = True
    log.exception("request failed", endpoint=request.endpoint)
    return answer(InternalServerError(original_exception=problem))


def _wants_json() -> bool:
    return request.path.startswith(("/api/", "/health", "/hooks/")) and not request.path.endswith(
        "/docs"
    )


def _problem(problem: HTTPException, code: int) -> Response:
    heading, message = _words(problem)
    data: dict[str, Any] = getattr(problem, "data", None) or {}
    body = {
        "type": "about:blank",
        "title": heading,
        "status": code,
        "detail": data.get("message") or message,
    }
    if "reason" in data:
        body["reason"] = data["reason"]
    if messages := data.get("messages") or data.get("errors"):
        body["errors"] = plain_errors(_by_field(messages))
    response = jsonify(body)
    response.content_type = PROBLEM
    return response


def _by_field(messages: dict[str, Any]) -> dict[str, Any]:
    """Webargs' messages without the name of the place that they were read from."""
    inner = next(iter(messages.values())) if len(messages) == 1 else messages
    return inner if isinstance(inner, dict) else messages


def _page(problem: HTTPException, code: int) -> str:
    heading, message = _words(problem)
    return render_template(
        "turnout/error.html",
        code=code,
        heading=heading,
        message=message,
        way_out=[("/", _("See the calendar"))],
    )


def _words(problem: HTTPException) -> tuple[str, str]:
    """A heading and what to do about it, for people."""
    for kind, words in _known().items():
        if isinstance(problem, kind):
            return words
    if problem.code == 404:
        return _("We could not find that page"), _(
            "The address may be mistyped, or the page is gone."
        )
    if problem.code in (410, 409):
        return _("That is no longer possible"), problem.description or ""
    return _("That did not work"), _(
        "The request could not be understood (%(code)d).", code=problem.code or 500
    )


def _known() -> Words:
    """Our own first, which are kinds of the others."""
    return _of_ours() | _away() | _of_http()


def _of_ours() -> Words:
    return {
        TooManyForAddress: (
            _("That was a lot for one address"),
            _(
                "Many sign-ups were made with this e-mail address within a short time. Nothing "
                "more was stored. Please try again in an hour."
            ),
        ),
        LinkNeeded: (
            _("Please open the link in your mail"),
            _(
                "This page opens with the link in the newest mail about it, and then stays open "
                "in this browser for twelve hours. It needs cookies."
            ),
        ),
        ForeignForm: (
            _("That came from another site"),
            _("Nothing was changed. Please use the form on this site’s own page."),
        ),
        WrongHost: (
            _("This is not the address of this site"),
            _("Please go to %(address)s.", address=runtime().settings.base_url),
        ),
    }


def _of_http() -> Words:
    return {
        TooManyRequests: (
            _("That was a lot at once"),
            _(
                "Too many sign-ups came from your connection. "
                "Please wait a few minutes and try again."
            ),
        ),
        RequestEntityTooLarge: (
            _("That is too large"),
            _("What you sent is larger than we can take. Please send less at once."),
        ),
        Unauthorized: (_("Please sign in"), _("This needs an access token or a sign-in.")),
        Forbidden: (_("That is not yours to see"), _("Your account does not have access to this.")),
        BadRequest: (
            _("We could not read that"),
            _(
                "The form may have been open too long, or was sent incomplete. "
                "Please go back, load the page again and retry."
            ),
        ),
        InternalServerError: (
            _("Something went wrong on our side"),
            _("It has been noted. Nothing you sent was half-stored. Please try again."),
        ),
    }


def _away() -> Words:
    return {
        BeingLookedAfter: (
            _("This part of the site is being looked after"),
            _("Nothing was stored. Please come back in a few minutes; the other parts work."),
        ),
        ServiceUnavailable: (
            _("We are busy right now"),
            _("Nothing was stored. Please try again in a few seconds."),
        ),
    }
