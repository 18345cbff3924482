"""The staff page of mail: what has not gone out, why, and a button to try again."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.access import allowed, may_now
from services.chassis.policy import SEE_MAIL, SEE_MAIL_NUMBERS, SEND_MAIL_AGAIN
from services.chassis.running import runtime
from services.notify.commands import NotFailed, send_again
from services.notify.mail_lines import line_of
from services.notify.models import HELD, ProviderPause
from services.notify.provider_pause import pause_at
from services.notify.queries import LONGEST_LIST, counts_by_state, troubled_mail
from services.notify.staff_access import in_reach, seen_mail
from services.notify.transports import folder_of
from services.notify.wording import local_moment, state_text, state_tone

mail_pages = Blueprint("mail", __name__, url_prefix="/staff/mail")


@mail_pages.get("")
@allowed(SEE_MAIL_NUMBERS)
def overview() -> str | Response:
    """What is under way and what has gone wrong; whoever looks for more is led to the log."""
    if request.args.keys() & {"session", "batch"}:
        return redirect(url_for("mail_log.index", **_looked_for()))
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        counts = counts_by_state(db, in_reach())
        troubled = troubled_mail(db, in_reach(), now) if may_now(SEE_MAIL) else []
        pause = pause_at(db, now)
    return render_template(
        "notify/mail.html",
        counts=[(count, state_text(state), state_tone(state)) for state, count in counts],
        mails=[line_of(delivery) for delivery in troubled],
        is_cut=len(troubled) == LONGEST_LIST,
        held=dict(counts).get(HELD, 0),
        pause=_pause_text(pause) if pause else "",
        has_mailbox=folder_of(runtime().settings) is not None,
    )


@mail_pages.post("/<uuid:mail_id>/retry")
@allowed(SEND_MAIL_AGAIN)
def retry(mail_id: UUID) -> Response:
    """Send a failed mail again."""
    try:
        with runtime().database.writing() as db:
            seen_mail(db, mail_id, SEND_MAIL_AGAIN)
            send_again(db, mail_id, now=datetime.now(UTC))
    except NotFailed:
        flash(_("That message is no longer among the failed ones."), "warning")
    else:
        flash(_("The message is being sent again."), "success")
    if request.form.get("back") == "message":
        return redirect(url_for("mail_message.show", mail_id=mail_id))
    return redirect(url_for("mail.overview"))


def _pause_text(pause: ProviderPause) -> str:
    text: str = _(
        "Nothing is sent until %(until)s; then it goes on by itself. "
        "The reason, since %(since)s: %(words)s",
        until=local_moment(pause.until),
        since=local_moment(pause.since),
        words=pause.words,
    )
    return text


def _looked_for() -> dict[str, Any]:
    return {name: request.args[name] for name in ("session", "batch") if name in request.args}
