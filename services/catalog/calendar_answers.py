"""The calendar for whoever has no session here, answered before Flask is asked.

Flask takes three times as long to give a page that is kept as all that is done here.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import sqlalchemy as sa
from flask import Flask
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request

from services.catalog.asked_together import AskedTogether
from services.catalog.calendar_version import calendar_state, calendar_told
from services.catalog.kept_pages import Answer, KeptPages
from services.chassis.i18n import wished_language
from services.chassis.pausing import is_paused
from services.chassis.running import EXTENSION
from services.chassis.service import Runtime


def keep_calendar(app: Flask) -> None:
    """Give everybody who reads one address in one language the same answer, headers and all."""
    made_by: WSGIApplication = app.wsgi_app
    runtime: Runtime = app.extensions[EXTENSION]
    kept = KeptPages()
    told = AskedTogether(partial(calendar_told, runtime.database))
    resting = runtime.settings, runtime.service.name

    def answer(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/" or environ["REQUEST_METHOD"] != "GET":
            return made_by(environ, respond)
        request = Request(environ)
        if app.config["SESSION_COOKIE_NAME"] in request.cookies or is_paused(*resting):
            return made_by(environ, respond)
        try:
            state = calendar_state(told.answer(), datetime.now(UTC))
        except sa.exc.SQLAlchemyError:  # Flask comes upon it as well, and can say so.
            return made_by(environ, respond)
        key = environ.get("HTTP_HOST"), request.query_string, wished_language(request)
        found = kept.answer(key, state, lambda: _made(made_by, environ))
        respond(found.status, found.headers)
        return [found.body]

    app.wsgi_app = answer  # type: ignore[assignment, method-assign]


def _made(made_by: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    body, status, headers = run_wsgi_app(made_by, environ, buffered=True)
    return Answer(status, headers.to_wsgi_list(), b"".join(body))
