"""What staff pages have in common: showing a session's page again with what went wrong."""

from datetime import UTC, datetime
from uuid import UUID

from flask import flash, redirect, render_template, request
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from services.catalog.refusals import NotFound, NotPublishable, Refusal
from services.catalog.staff_session import staff_session_page
from services.catalog.words import reason_words
from services.chassis.errors import answer
from services.chassis.forms import Form
from services.chassis.i18n import reader_language
from services.chassis.running import runtime

LIST_ADDRESS = "/staff/workshops"
Answer = Response | str | tuple[str, int]


def show_session(
    session_id: UUID, *, form: Form | None = None, refused: Refusal | None = None, **forms: Form
) -> str:
    """The staff page of a session; `forms` are the small ones beside the main form."""
    with runtime().database.reading() as db:
        page = staff_session_page(
            db, session_id, form=form, language=reader_language(), now=datetime.now(UTC)
        )
    return render_template(
        "catalog/staff_session.html", page=page, refused=refusal_words(refused), forms=forms
    )


def on_refusal(refused: Refusal) -> Answer:
    """Answer for a view that a command has refused: the session's page with the reasons."""
    session_id = (request.view_args or {}).get("session_id")
    if isinstance(refused, NotFound):
        return answer(NoSuchPage())
    if session_id is None:
        flash(refusal_words(refused)[0], "error")
        return redirect(LIST_ADDRESS)
    return show_session(session_id, refused=refused), 409


def refusal_words(refused: Refusal | None) -> list[str]:
    """Every reason of a refusal in the reader's language."""
    if refused is None:
        return []
    codes = refused.reasons if isinstance(refused, NotPublishable) else (refused.reason,)
    return [reason_words(code) for code in codes]


def session_address(session_id: UUID) -> str:
    """Where staff edit a session."""
    return f"{LIST_ADDRESS}/sessions/{session_id}"
