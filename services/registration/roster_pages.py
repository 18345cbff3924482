"""Rosters as files: for signed-in staff, and for whoever has the link from the mail."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Werkzeug

from services.chassis.access import allowed
from services.chassis.capabilities import SHORTEST_TOKEN, keep_open, opened_version, without_link
from services.chassis.i18n import reader_language
from services.chassis.policy import GET_ROSTER, READ_ROSTER_BY_LINK
from services.chassis.running import links, runtime
from services.documents.roster import Roster
from services.documents.roster_csv import roster_csv
from services.documents.roster_pdf import roster_pdf
from services.documents.roster_xlsx import roster_xlsx
from services.registration.models import WorkshopSession
from services.registration.roster_recipients import record_opening
from services.registration.rosters import link_has_expired, roster_of
from services.registration.sending_models import RosterRecipient
from services.registration.staff_access import seen_session
from services.registration.wording import SessionWords

roster_pages = Blueprint("rosters", __name__)
ROSTER = "roster"

FORMATS = {
    "csv": (roster_csv, "text/csv; charset=utf-8"),
    "xlsx": (roster_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (roster_pdf, "application/pdf"),
}


@roster_pages.get("/staff/sessions/<uuid:session_id>/roster.<any(csv, xlsx, pdf):format_>")
@allowed(GET_ROSTER)
def download(session_id: UUID, format_: str) -> Response:
    """The roster for signed-in staff, in the language they read."""
    with runtime().database.reading() as db:
        seen_session(db, session_id, GET_ROSTER)
        roster = roster_of(db, session_id, language=reader_language(), now=datetime.now(UTC))
    return roster_file(roster, format_)


@roster_pages.get(f"/roster/<string(minlength={SHORTEST_TOKEN}):token>")
@allowed(READ_ROSTER_BY_LINK)
def follow(token: str) -> Werkzeug:
    """Take the link from the mail out of the address; it works any number of times."""
    now = datetime.now(UTC)
    recipient_id = links().read_roster(token) or abort(404)
    with runtime().database.reading() as db:
        _reached(db, recipient_id, now)
    keep_open(ROSTER, recipient_id, now)
    return without_link("rosters.opened", recipient_id=recipient_id)


@roster_pages.get("/roster/<uuid:recipient_id>")
@allowed(READ_ROSTER_BY_LINK)
def opened(recipient_id: UUID) -> Response | str:
    """The roster for a recipient whose link this browser followed; each look is kept."""
    now, format_ = datetime.now(UTC), request.args.get("format", "")
    opened_version(ROSTER, recipient_id, now)
    with runtime().database.reading() as db:
        recipient, session = _reached(db, recipient_id, now)
        roster = roster_of(db, session.id, language=reader_language(), now=now)
    words = SessionWords(session)
    if words.status == "cancelled":
        return render_template("registration/roster_cancelled.html", session=words)
    _record(recipient, format_ if format_ in FORMATS else "page", now)
    if format_ in FORMATS:
        return roster_file(roster, format_)
    shown = {"roster": roster, "session": words, "recipient": recipient}
    return render_template("registration/roster.html", **shown)


def _reached(
    db: Session, recipient_id: UUID, now: datetime
) -> tuple[RosterRecipient, WorkshopSession]:
    """Whose link it is and which session's; 404 when it was never one, 410 when it has ended."""
    recipient = db.get(RosterRecipient, recipient_id)
    if recipient is None:
        abort(404)
    session = db.get_one(WorkshopSession, recipient.session_id)
    if link_has_expired(session, now):
        abort(410, description=_("A roster can be read until fourteen days after its session."))
    if recipient.removed_at is not None:
        abort(410, description=_("You are no longer among those who get this roster."))
    return recipient, session


def _record(recipient: RosterRecipient, form: str, now: datetime) -> None:
    """Keep that they looked, before they see anything; a mail scanner's HEAD is not looking."""
    if request.method == "GET":
        with runtime().database.writing() as db:
            record_opening(db, recipient.id, form, now)


def roster_file(roster: Roster, format_: str) -> Response:
    """A roster as a file to keep."""
    write, content_type = FORMATS[format_]
    name = f"roster-{roster.days[0].date.isoformat()}.{format_}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write(roster), headers=headers, content_type=content_type)
