"""One mail of the log: what was sent, what became of it, and a button to send a copy."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from services.chassis.access import allowed, may_now
from services.chassis.forms import Form, read_form
from services.chassis.kept import kept_by
from services.chassis.log import logger
from services.chassis.policy import SEE_MAIL, SEE_MAILBOX, SEND_MAIL_AGAIN
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.notify.commands import MustNotGoOut, StillUnderWay, UnknownMail, copy_to
from services.notify.kinds import FOR_ITS_READER_ALONE, ROSTER
from services.notify.mail_history import history
from services.notify.mail_lines import line_of
from services.notify.mail_view import MailView, mail_view, message_of
from services.notify.models import FAILED, HELD, SUPERSEDED, UNDER_WAY, Delivery
from services.notify.opened_mail import OpenMail, file_answer, html_answer
from services.notify.staff_access import seen_mail
from services.notify.staff_forms import CopyInput
from services.notify.transports import folder_of
from services.notify.wording import error_text, local_moment

log = logger(__name__)
message_pages = Blueprint("mail_message", __name__, url_prefix="/staff/mail/<uuid:mail_id>")


@message_pages.get("")
@allowed(SEE_MAIL)
def show(mail_id: UUID) -> str:
    """The message as it was sent, and what became of it."""
    return _show(mail_id, Form())


@message_pages.get("/html")
@allowed(SEE_MAIL)
def html(mail_id: UUID) -> Response:
    """The HTML part as its reader sees it."""
    return html_answer(_message(mail_id))


@message_pages.get("/files/<int:number>")
@allowed(SEE_MAIL)
def attachment(mail_id: UUID, number: int) -> Response:
    """An attachment, to download."""
    return file_answer(_message(mail_id), number)


@message_pages.post("/copy")
@allowed(SEND_MAIL_AGAIN)
def copy(mail_id: UUID) -> Answer | tuple[str, int]:
    """Send a copy to the same address or a corrected one."""
    form, data = read_form(CopyInput())
    if data is None:
        return _show(mail_id, form), 422
    try:
        with runtime().database.writing() as db:
            seen_mail(db, mail_id, SEND_MAIL_AGAIN)
            made = copy_to(db, mail_id, data["email"], now=datetime.now(UTC))
    except UnknownMail:
        abort(404)
    except StillUnderWay:
        form.refuse("email", _("This message is on its way to this address already."))
        return _show(mail_id, form), 409
    except MustNotGoOut as refused:
        form.refuse("email", error_text(str(refused)))
        return _show(mail_id, form), 409
    log.info("mail copied", mail_id=str(mail_id), copy_id=str(made.id), by=str(staff_member().id))
    flash(_("A copy is on its way to %(email)s.", email=made.recipient_email), "success")
    return redirect(url_for("mail_message.show", mail_id=made.id))


def _show(mail_id: UUID, form: Form) -> str:
    with runtime().database.reading() as db:
        seen_mail(db, mail_id, SEE_MAIL)
        view = mail_view(db, mail_id)
    if view is None:
        abort(404)
    delivery = view.delivery
    form.values.setdefault("email", delivery.recipient_email)
    return render_template(
        "notify/message.html",
        form=form,
        view=view,
        mail=line_of(delivery),
        original=line_of(view.original) if view.original else None,
        copies=[line_of(each) for each in view.copies],
        facts=_facts(view),
        history=history(view),
        kept_days=kept_by("notify")["rosters" if delivery.kind == ROSTER else "messages"].days,
        is_under_way=delivery.state in UNDER_WAY,
        is_readers_alone=delivery.kind in FOR_ITS_READER_ALONE,
        may_be_copied=_may_be_copied(delivery),
        has_mailbox=folder_of(runtime().settings) is not None and may_now(SEE_MAILBOX),
        written=local_moment,
    )


def _may_be_copied(delivery: Delivery) -> bool:
    if delivery.kind in FOR_ITS_READER_ALONE or not delivery.needed_until:
        return False
    return delivery.state not in (HELD, *UNDER_WAY, SUPERSEDED)


def _facts(view: MailView) -> list[tuple[str, str]]:
    delivery, line = view.delivery, line_of(view.delivery)
    since = local_moment(view.settled_at) if view.settled_at else ""
    due = local_moment(delivery.due_at) if delivery.state in UNDER_WAY else ""
    return [
        (_("To"), _recipient(delivery)),
        (_("Session"), str(line["session"])),
        (_("State since"), since),
        (_("Next try"), due),
        (_("Tried until"), local_moment(delivery.give_up_at) if delivery.state == FAILED else ""),
        (_("Reference"), str(delivery.id)),
    ]


def _recipient(delivery: Delivery) -> str:
    if not delivery.recipient_email:
        return str(_("kept no longer"))
    return f"{delivery.recipient_name} <{delivery.recipient_email}>"


def _message(mail_id: UUID) -> OpenMail:
    with runtime().database.reading() as db:
        message = message_of(db, seen_mail(db, mail_id, SEE_MAIL))
    if message is None:
        abort(404)
    return message
