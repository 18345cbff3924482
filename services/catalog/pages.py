"""The public pages: the calendar, sessions, workshops and calendar files."""

from datetime import UTC, datetime
from typing import cast
from uuid import UUID

from flask import Blueprint, Flask, Response, abort, g, render_template, request
from flask.blueprints import BlueprintSetupState

from services.catalog.calendar_answers import keep_calendar
from services.catalog.calendar_entry import session_calendar
from services.catalog.calendar_page import calendar_page
from services.catalog.feed import feed
from services.catalog.queries import public_session
from services.catalog.session_page import session_page, workshop_page
from services.chassis.access import allowed
from services.chassis.i18n import reader_language
from services.chassis.policy import READ_CALENDAR
from services.chassis.running import runtime

pages = Blueprint("catalog", __name__)

CALENDAR = "text/calendar; charset=utf-8"
FRESH_SECONDS = 900


@pages.record_once
def _keep_calendar(setup: BlueprintSetupState) -> None:
    keep_calendar(cast("Flask", setup.app))


@pages.get("/")
@allowed(READ_CALENDAR)
def calendar() -> str:
    """Month by month, what is on; `calendar_answers` asks for it where nobody has yet."""
    now, language, base_url = datetime.now(UTC), reader_language(), runtime().settings.base_url
    with runtime().database.reading() as db:
        page = calendar_page(db, request.args, base_url=base_url, language=language, now=now)
    return render_template("catalog/calendar.html", page=page)


@pages.get("/calendar.ics")
@allowed(READ_CALENDAR)
def calendar_feed() -> Response:
    """The same for calendar programs, without a month; what everybody may keep for a while."""
    now, language, base_url = datetime.now(UTC), reader_language(), runtime().settings.base_url
    with runtime().database.reading() as db:
        found = feed(db, request.args, base_url=base_url, language=language, now=now)
    response = Response(found.content, content_type=CALENDAR)
    response.set_etag(found.tag)
    response.cache_control.public, response.cache_control.max_age = True, FRESH_SECONDS
    _for_everybody(response)
    response.make_conditional(request)
    return response


@pages.get("/sessions/<uuid:session_id>")
@allowed(READ_CALENDAR)
def session(session_id: UUID) -> str:
    """One dated session."""
    now, language = datetime.now(UTC), reader_language()
    with runtime().database.reading() as db:
        page = session_page(db, session_id, language=language, now=now)
    return render_template("catalog/session.html", page=page or abort(404))


@pages.get("/sessions/<uuid:session_id>.ics")
@allowed(READ_CALENDAR)
def session_file(session_id: UUID) -> Response:
    """The session for one's own calendar."""
    now, base_url = datetime.now(UTC), runtime().settings.base_url
    with runtime().database.reading() as db:
        found = public_session(db, session_id) or abort(404)
    content = session_calendar(found, base_url=base_url, language=reader_language(), now=now)
    headers = {"Content-Disposition": f'attachment; filename="{found.first_day}.ics"'}
    return Response(content, content_type=CALENDAR, headers=headers)


@pages.get("/workshops/<uuid:workshop_id>")
@allowed(READ_CALENDAR)
def workshop(workshop_id: UUID) -> str:
    """A workshop with all its dates."""
    now, language = datetime.now(UTC), reader_language()
    with runtime().database.reading() as db:
        page = workshop_page(db, workshop_id, language=language, now=now)
    return render_template("catalog/workshop.html", page=page or abort(404))


@pages.get("/api/docs")
@allowed(READ_CALENDAR)
def api_docs() -> str:
    """Where the descriptions of the JSON API are."""
    return render_template("catalog/api_docs.html")


def _for_everybody(response: Response) -> None:
    """A copy may be handed to others: no cookie, and a word on what the language came from."""
    if g.pop("language_asked", None) is None:
        response.vary.update(["Accept-Language", "Cookie"])
