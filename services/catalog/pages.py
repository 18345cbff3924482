"""The public pages: the calendar, sessions, workshops and calendar files."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request

from services.catalog.calendar_entry import session_calendar
from services.catalog.calendar_page import calendar_page
from services.catalog.queries import public_session
from services.catalog.session_page import session_page, workshop_page
from services.chassis.i18n import reader_language
from services.chassis.running import runtime

pages = Blueprint("catalog", __name__)


@pages.get("/")
def calendar() -> str:
    """Month by month, what is on."""
    now, language = datetime.now(UTC), reader_language()
    with runtime().database.reading() as db:
        page = calendar_page(db, request.args, language=language, now=now)
    return render_template("catalog/calendar.html", page=page)


@pages.get("/sessions/<uuid:session_id>")
def session(session_id: UUID) -> str:
    """One dated session."""
    now, language = datetime.now(UTC), reader_language()
    with runtime().database.reading() as db:
        page = session_page(db, session_id, language=language, now=now)
    return render_template("catalog/session.html", page=page or abort(404))


@pages.get("/sessions/<uuid:session_id>.ics")
def session_file(session_id: UUID) -> Response:
    """The session for one's own calendar."""
    now, base_url = datetime.now(UTC), runtime().settings.base_url
    with runtime().database.reading() as db:
        found = public_session(db, session_id) or abort(404)
    content = session_calendar(found, base_url=base_url, language=reader_language(), now=now)
    headers = {"Content-Disposition": f'attachment; filename="{found.first_day}.ics"'}
    return Response(content, content_type="text/calendar; charset=utf-8", headers=headers)


@pages.get("/workshops/<uuid:workshop_id>")
def workshop(workshop_id: UUID) -> str:
    """A workshop with all its dates."""
    now, language = datetime.now(UTC), reader_language()
    with runtime().database.reading() as db:
        page = workshop_page(db, workshop_id, language=language, now=now)
    return render_template("catalog/workshop.html", page=page or abort(404))


@pages.get("/api/docs")
def api_docs() -> str:
    """Where the descriptions of the JSON API are."""
    return render_template("catalog/api_docs.html")
