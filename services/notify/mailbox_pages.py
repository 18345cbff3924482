"""The mailbox: where staff read what went out, while mail goes into a folder on this machine."""

from pathlib import Path
from uuid import UUID

from flask import Blueprint, Response, abort, render_template, request

from services.chassis.access import allowed, require
from services.chassis.policy import KEEP_ACCOUNTS, SEE_MAILBOX
from services.chassis.running import runtime
from services.notify.kinds import FOR_ITS_READER_ALONE
from services.notify.mailbox import newest_mail, open_mail
from services.notify.models import Delivery
from services.notify.opened_mail import OpenMail, file_answer, html_answer
from services.notify.transports import folder_of
from services.notify.wording import local_moment

mailbox_pages = Blueprint("mailbox", __name__, url_prefix="/mailbox")


@mailbox_pages.get("")
@allowed(SEE_MAILBOX)
def index() -> str:
    """Every message, the newest first."""
    return _mailbox(None)


@mailbox_pages.get("/<uuid:mail_id>")
@allowed(SEE_MAILBOX)
def message(mail_id: UUID) -> str:
    """One message beside the others."""
    return _mailbox(_found(mail_id))


@mailbox_pages.get("/<uuid:mail_id>/html")
@allowed(SEE_MAILBOX)
def html(mail_id: UUID) -> Response:
    """The HTML part as its reader sees it."""
    return html_answer(_found(mail_id))


@mailbox_pages.get("/<uuid:mail_id>/files/<int:number>")
@allowed(SEE_MAILBOX)
def attachment(mail_id: UUID, number: int) -> Response:
    """An attachment, to download."""
    return file_answer(_found(mail_id), number)


def _mailbox(opened: OpenMail | None) -> str:
    page = max(1, request.args.get("page", 1, type=int))
    envelopes, has_older = newest_mail(_folder(), page)
    return render_template(
        "notify/mailbox.html",
        opened=opened,
        envelopes=envelopes,
        page=page,
        has_older=has_older,
        written=local_moment,
    )


def _folder() -> Path:
    folder = folder_of(runtime().settings)
    if folder is None:
        abort(404)
    return folder


def _found(mail_id: UUID) -> OpenMail:
    """A message; while mail leaves this machine for nobody, an administrator stands in for all."""
    mail = open_mail(_folder(), mail_id)
    if mail is None:
        abort(404)
    with runtime().database.reading() as db:
        delivery = db.get(Delivery, mail_id)
    if delivery is not None and delivery.kind in FOR_ITS_READER_ALONE:
        require(KEEP_ACCOUNTS)
    return mail
