"""The mail log: every mail, searched and filtered, on pages and as a file."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Werkzeug

from services.chassis.access import allowed, own_areas
from services.chassis.forms import read_query
from services.chassis.policy import SEE_MAIL
from services.chassis.running import runtime
from services.chassis.searching import KEPT, keep_words, kept_words
from services.documents.csv_file import BYTE_ORDER_MARK, csv_lines
from services.notify.mail_lines import cells, headings, line_of, session_title
from services.notify.mail_log import (
    LONGEST_EXPORT,
    PAGE,
    LogFilter,
    found_in_pieces,
    found_mail,
    newest_about,
    progress,
)
from services.notify.staff_forms import LogInput
from services.notify.wording import kinds_and_words, state_text, state_tone, states_and_words

log_pages = Blueprint("mail_log", __name__, url_prefix="/staff/mail")
_PLACE = "mail"


@log_pages.get("/log")
@allowed(SEE_MAIL)
def index() -> tuple[str, int]:
    """The mails that fit, the newest first."""
    form, data = read_query(LogInput(), q=kept_words(_PLACE))
    page = min(max(1, request.args.get("page", 1, type=int)), 10_000)
    asked = {name: value for name, value in form.values.items() if value and name != "q"}
    asked |= KEPT if form.values["q"] else {}
    with runtime().database.reading() as db:
        found = _found(db, _wanted(data), page) if data else _NOTHING
    shown = render_template(
        "notify/log.html",
        form=form,
        asked=asked,
        page=page,
        longest_export=LONGEST_EXPORT,
        previous=_address(asked, page - 1) if page > 1 else None,
        next=_address(asked, page + 1) if found["total"] > page * PAGE else None,
        kinds=kinds_and_words(),
        states=states_and_words(),
        **found,
    )
    return shown, 200 if data else 422


@log_pages.post("/log")
@allowed(SEE_MAIL)
def search() -> Werkzeug:
    """Look for what was typed; the words can be somebody's name and stay out of the address."""
    fields = LogInput().fields
    asked: dict[str, Any] = {
        name: value for name, value in request.form.items() if name in fields and value
    }
    asked |= keep_words(_PLACE, asked.pop("q", ""))
    return redirect(url_for("mail_log.index", **asked))


@log_pages.get("/log.csv")
@allowed(SEE_MAIL)
def export() -> Response:
    """The same mails as a table, to keep."""
    _form, data = read_query(LogInput(), q=kept_words(_PLACE))
    lines = _lines(_wanted(data)) if data else iter([])
    name = f"mail-{datetime.now(UTC):%Y-%m-%d}.csv"
    return Response(
        stream_with_context(lines),
        status=200 if data else 422,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
        content_type="text/csv; charset=utf-8",
    )


_NOTHING: dict[str, Any] = {
    "mails": [],
    "total": 0,
    "session": "",
    "progress": None,
}


def _wanted(data: dict[str, Any]) -> LogFilter:
    """What was asked for, of what the reader may see."""
    wanted: LogFilter = data["filter"]
    return replace(wanted, areas=own_areas(SEE_MAIL))


def _found(db: Session, wanted: LogFilter, page: int) -> dict[str, Any]:
    mails, total = found_mail(db, wanted, page)
    about = newest_about(db, wanted) if wanted.session_id else None
    return {
        "mails": [line_of(each) for each in mails],
        "total": total,
        "session": session_title(about) if about else "",
        "progress": _progress(db, wanted),
    }


def _progress(db: Session, wanted: LogFilter) -> dict[str, Any] | None:
    """The tally of a message to a group; its mails arrive here a moment after it was sent."""
    if wanted.batch_id is None:
        return None
    found = progress(db, wanted)
    if found is None:
        return {"size": None, "expected": 0, "counts": []}
    counts = [(count, state_text(state), state_tone(state)) for state, count in found.counts]
    return {"size": found.size, "expected": max(0, found.expected), "counts": counts}


def _address(asked: dict[str, Any], page: int) -> str:
    """Another page of what was looked for."""
    return url_for("mail_log.index", **asked, page=page)


def _lines(wanted: LogFilter) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_lines([headings()])
    for mails in found_in_pieces(runtime().database, wanted):
        yield csv_lines(cells(mails))
