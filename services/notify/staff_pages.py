"""The staff page of mail: what has not gone out, why, and a button to try again."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from services.chassis.i18n import reader_language, say
from services.chassis.running import runtime
from services.chassis.staff import ADMIN, COORDINATOR, staff_only
from services.notify.commands import NotFailed, send_again
from services.notify.models import FAILED, Delivery
from services.notify.queries import LONGEST_LIST, counts_by_state, troubled_mail
from services.notify.transports import folder_of
from services.notify.wording import error_text, kind_text, local_moment, state_text, state_tone

mail_pages = Blueprint("mail", __name__, url_prefix="/staff/mail")


@mail_pages.get("")
@staff_only(ADMIN, COORDINATOR)
def overview() -> str:
    """What is under way and what has gone wrong."""
    with runtime().database.reading() as db:
        counts = counts_by_state(db)
        troubled = troubled_mail(db, datetime.now(UTC))
    return render_template(
        "notify/mail.html",
        counts=[(count, state_text(state), state_tone(state)) for state, count in counts],
        mails=[_shown(delivery) for delivery in troubled],
        is_cut=len(troubled) == LONGEST_LIST,
        has_mailbox=folder_of(runtime().settings) is not None,
    )


@mail_pages.post("/<uuid:delivery_id>/retry")
@staff_only(ADMIN, COORDINATOR)
def retry(delivery_id: UUID) -> Response:
    """Send a failed mail again."""
    try:
        with runtime().database.writing() as db:
            send_again(db, delivery_id, now=datetime.now(UTC))
    except NotFailed:
        flash(_("That message is no longer among the failed ones."), "warning")
    else:
        flash(_("The message is being sent again."), "success")
    return redirect(url_for("mail.overview"))


def _shown(delivery: Delivery) -> dict[str, object]:
    """A mail as the table has it."""
    title, _language = say(delivery.context["session"]["title"], reader_language())
    return {
        "id": delivery.id,
        "kind": kind_text(delivery.kind),
        "session": title,
        "name": delivery.recipient_name,
        "email": delivery.recipient_email,
        "state": state_text(delivery.state),
        "tone": state_tone(delivery.state),
        "error": error_text(delivery.error),
        "twice": delivery.second_copy_possible,
        "attempts": delivery.attempts,
        "since": local_moment(delivery.created_at),
        "can_retry": delivery.state == FAILED,
    }
