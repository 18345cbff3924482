"""The staff page of mail that is held until somebody says yes or no to it."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.policy import DECIDE_HELD_MAIL
from services.chassis.running import runtime
from services.notify.held_mail import drop, held_mail, release
from services.notify.mail_lines import line_of
from services.notify.queries import LONGEST_LIST

held_pages = Blueprint("held_mail", __name__, url_prefix="/staff/mail/held")


@held_pages.get("")
@allowed(DECIDE_HELD_MAIL)
def index() -> str:
    """What is held, and why."""
    with runtime().database.reading() as db:
        mails, total = held_mail(db, LONGEST_LIST)
    return render_template(
        "notify/held.html",
        mails=[line_of(each) for each in mails],
        total=total,
        newest=mails[-1].id if mails else None,
        is_cut=total > len(mails),
    )


@held_pages.post("/<any(release, drop):decision>")
@allowed(DECIDE_HELD_MAIL)
def decide(decision: str) -> Response:
    """Let all go out that the page showed, or one of them; or let them be."""
    newest, only = _id("newest"), _id("only")
    if newest is None:
        abort(400)
    command = {"release": release, "drop": drop}[decision]
    with runtime().database.writing() as db:
        count = command(db, newest=newest, only=only, now=datetime.now(UTC))
    flash(_told(decision, count), "success" if count else "warning")
    return redirect(url_for("held_mail.index"))


def _id(name: str) -> UUID | None:
    text = request.form.get(name, "")
    try:
        return UUID(text) if text else None
    except ValueError:
        abort(400)


def _told(decision: str, count: int) -> str:
    text: str = (
        ngettext("%(num)d message goes out now.", "%(num)d messages go out now.", count)
        if decision == "release"
        else ngettext(
            "%(num)d message will not be sent.", "%(num)d messages will not be sent.", count
        )
    )
    return text
