"""Rosters as files: for signed-in staff, and for whoever has the link from the mail."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from services.chassis.i18n import reader_language
from services.chassis.running import links, runtime
from services.chassis.staff import staff_only
from services.documents.roster import Roster
from services.documents.roster_csv import roster_csv
from services.documents.roster_pdf import roster_pdf
from services.documents.roster_xlsx import roster_xlsx
from services.registration.models import WorkshopSession
from services.registration.rosters import link_has_expired, roster_of
from services.registration.staff_access import seen_session
from services.registration.wording import SessionWords

roster_pages = Blueprint("rosters", __name__)

FORMATS = {
    "csv": (roster_csv, "text/csv; charset=utf-8"),
    "xlsx": (roster_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (roster_pdf, "application/pdf"),
}


@roster_pages.get("/staff/sessions/<uuid:session_id>/roster.<any(csv, xlsx, pdf):format_>")
@staff_only()
def download(session_id: UUID, format_: str) -> Response:
    """The roster for signed-in staff, in the language they read."""
    with runtime().database.reading() as db:
        seen_session(db, session_id)
        roster = roster_of(db, session_id, language=reader_language(), now=datetime.now(UTC))
    return roster_file(roster, format_)


@roster_pages.get("/roster/<token>")
def by_link(token: str) -> Response | str:
    """The roster for whoever got its link by mail, until fourteen days after the session."""
    session_id, now = links().read_roster(token), datetime.now(UTC)
    with runtime().database.reading() as db:
        session = db.get(WorkshopSession, session_id) if session_id else None
        if session is None:
            abort(404)
        if link_has_expired(session, now.date()):
            abort(410, description=_("A roster can be read until fourteen days after its session."))
        roster = roster_of(db, session.id, language=reader_language(), now=now)
    if request.args.get("format") in FORMATS:
        return roster_file(roster, request.args["format"])
    return render_template(
        "registration/roster.html", roster=roster, session=SessionWords(session), token=token
    )


def roster_file(roster: Roster, format_: str) -> Response:
    """A roster as a file to keep."""
    write, content_type = FORMATS[format_]
    name = f"roster-{roster.days[0].date.isoformat()}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(roster), headers=headers, content_type=content_type)
