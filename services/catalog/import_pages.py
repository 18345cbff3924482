"""The import of a listing by staff: paste or upload it, see what it would do, then do it."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import RequestEntityTooLarge

from services.catalog.commands import import_listing
from services.catalog.import_view import report_view
from services.catalog.importing import ImportReport
from services.catalog.listing import NotAListing
from services.catalog.pasted_text import LARGEST_LISTING, NotText, pasted_text, read_to_the_end
from services.catalog.refusals import Refusal
from services.catalog.staff_answers import LIST_ADDRESS, Answer
from services.catalog.words import reason_words
from services.chassis.access import allowed
from services.chassis.forms import Form
from services.chassis.policy import IMPORT_LISTING
from services.chassis.running import runtime
from services.chassis.staff import staff_member

pages = Blueprint("catalog_import", __name__, url_prefix=f"{LIST_ADDRESS}/import")


@pages.url_value_preprocessor
def allow_large_body(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Allow more than elsewhere. This runs before anything reads the form, CSRF check included."""
    request.max_content_length = request.max_form_memory_size = LARGEST_LISTING


@pages.errorhandler(RequestEntityTooLarge)
def too_large(_problem: RequestEntityTooLarge) -> Answer:
    """Say what the limit is, once the browser has sent all: else it would see no answer."""
    read_to_the_end()
    message = _(
        "A listing may have at most %(most)d MB. Copy the part with the workshops, "
        "or import it in parts.",
        most=LARGEST_LISTING // 1024**2,
    )
    heading, way_out = _("That is too large"), [(f"{LIST_ADDRESS}/import", _("Try again"))]
    page = {"code": 413, "heading": heading, "message": message, "way_out": way_out}
    return render_template("turnout/error.html", **page), 413


@pages.get("")
@allowed(IMPORT_LISTING)
def ask() -> str:
    """Where the listing goes."""
    return _page(Form())


@pages.post("")
@allowed(IMPORT_LISTING)
def preview() -> Answer:
    """What the import would do; nothing is stored."""
    return _import(dry_run=True)


@pages.post("/confirm")
@allowed(IMPORT_LISTING)
def confirm() -> Answer:
    """Do it."""
    return _import(dry_run=False)


def _import(*, dry_run: bool) -> Answer:
    form = Form()
    try:
        form.values["text"] = text = pasted_text()
        report = _report(text, dry_run=dry_run)
    except (NotAListing, NotText, Refusal) as refused:
        form.refuse("text", reason_words(str(refused.reason)))
        return _page(form), 422
    if dry_run:
        return _page(form, report)
    _tell(report)
    return redirect(LIST_ADDRESS)


def _report(text: str, *, dry_run: bool) -> ImportReport:
    database = runtime().database
    with database.reading() if dry_run else database.writing() as db:
        return import_listing(
            db, text, actor=staff_member().name, now=datetime.now(UTC), dry_run=dry_run
        )


def _page(form: Form, report: ImportReport | None = None) -> str:
    shown = report_view(report) if report else None
    return render_template("catalog/staff_import.html", form=form, report=shown)


def _tell(report: ImportReport) -> None:
    counts = report.counts
    new = ngettext("%(num)d new draft.", "%(num)d new drafts.", counts["new"])
    changed = ngettext("%(num)d entry changed.", "%(num)d entries changed.", counts["changed"])
    flash(_("The listing is imported: %(new)s %(changed)s", new=new, changed=changed), "success")
