"""The staff page of addresses that get no mail: who, why, since and until when."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form, read_query
from services.chassis.log import logger
from services.chassis.policy import STOP_MAIL
from services.chassis.running import runtime
from services.chassis.searching import keep_words, kept_words
from services.chassis.staff import staff_member
from services.notify.models import Suppression
from services.notify.staff_forms import AddressSearch, Lifting, NewSuppression, end_of_day
from services.notify.suppression_wording import reason_text, stream_text
from services.notify.suppressions import BY_STAFF, LONGEST_LIST, STREAMS, lift, listed, suppress
from services.notify.wording import local_moment

log = logger(__name__)
suppression_pages = Blueprint("suppressions", __name__, url_prefix="/staff/mail/suppressions")
_PLACE = "suppressions"


@suppression_pages.get("")
@allowed(STOP_MAIL)
def index() -> tuple[str, int]:
    """All of them, or those whose address has the search in it."""
    search, data = read_query(AddressSearch(), search=kept_words(_PLACE))
    page = _page(Form(values={"stream": STREAMS[0]}), search, (data or {}).get("search", ""))
    return page, 422 if data is None else 200


@suppression_pages.post("/search")
@allowed(STOP_MAIL)
def search() -> Response:
    """Look for a part of an address, which stays out of ours."""
    kept: dict[str, Any] = keep_words(_PLACE, request.form.get("search", ""))
    return redirect(url_for("suppressions.index", **kept))


@suppression_pages.post("")
@allowed(STOP_MAIL)
def add() -> str | Response | tuple[str, int]:
    """Stop mail to an address, with a reason that stays on the list."""
    form, data = read_form(NewSuppression())
    now = datetime.now(UTC)
    if data and (until := data.get("until")):
        data["until"] = end_of_day(until)
        if data["until"] < now:
            form.refuse("until", _("That day is over."))
    if data is None or form.errors:
        return _page(form, Form()), 422
    by = staff_member()
    email = data.pop("email")
    with runtime().database.writing() as db:
        is_new = suppress(db, email, reason=BY_STAFF, now=now, by=by.name, **data)
    log.info("address suppressed", by=str(by.id))
    if is_new:
        flash(_("Mail to %(email)s is stopped.", email=email), "success")
    else:
        flash(_("Mail to %(email)s has been stopped before, for longer.", email=email), "info")
    return redirect(url_for("suppressions.index"))


@suppression_pages.post("/<uuid:suppression_id>/lift")
@allowed(STOP_MAIL)
def remove(suppression_id: UUID) -> Response:
    """Let mail go there again; who did so and why stays with the row."""
    _form, data = read_form(Lifting())
    if data is None:
        flash(_("Please say why mail may go there again."), "error")
        return redirect(url_for("suppressions.index"))
    by = staff_member()
    with runtime().database.writing() as db:
        row = lift(db, suppression_id, **data, by=by.name, now=datetime.now(UTC))
    if row is None:
        flash(_("That address is no longer on the list."), "warning")
        return redirect(url_for("suppressions.index"))
    log.info("suppression lifted", was=row.reason, by=str(by.id))
    flash(_("Mail goes to %(email)s again.", email=row.address_key), "success")
    return redirect(url_for("suppressions.index"))


def _page(form: Form, search: Form, part: str = "") -> str:
    """The list, of the addresses with this part in them where one was asked for."""
    with runtime().database.reading() as db:
        rows = listed(db, part, datetime.now(UTC))
    return render_template(
        "notify/suppressions.html",
        form=form,
        search=search,
        rows=[_shown(row) for row in rows],
        is_cut=len(rows) == LONGEST_LIST,
        streams=[(stream, stream_text(stream)) for stream in STREAMS],
    )


def _shown(row: Suppression) -> dict[str, object]:
    """A row as the table has it."""
    return {
        "id": row.id,
        "email": row.address_key,
        "stream": stream_text(row.stream),
        "reason": reason_text(row.reason),
        "words": row.words,
        "by": row.by,
        "since": local_moment(row.since),
        "until": local_moment(row.until) if row.until else lazy_gettext("for good"),
    }
