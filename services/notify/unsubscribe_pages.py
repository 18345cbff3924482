"""The page that ends announcements: by a button, or with one click in a mail program."""

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template
from flask_babel import force_locale
from sqlalchemy.orm import Session

from services.chassis.access import allowed
from services.chassis.i18n import chosen_language
from services.chassis.policy import END_ANNOUNCEMENTS
from services.chassis.running import links, runtime
from services.notify.models import ANNOUNCEMENT, Delivery
from services.notify.reports import unsubscribe
from services.notify.suppressions import suppression_of

unsubscribe_pages = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")


@unsubscribe_pages.get("/<token>")
@allowed(END_ANNOUNCEMENTS)
def ask(token: str) -> str:
    """Ask; looking changes nothing, as mail scanners follow every link."""
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        delivery = _found(db, token)
        ended = suppression_of(db, delivery.recipient_email, ANNOUNCEMENT, now) is not None
    return _page(delivery, ended=ended)


@unsubscribe_pages.post("/<token>")
@allowed(END_ANNOUNCEMENTS)
def end(token: str) -> str:
    """End them; the mail program that does so for its reader has no cookie (RFC 8058)."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        delivery = _found(db, token)
        unsubscribe(db, delivery, at=now, now=now)
    return _page(delivery, ended=True)


def _found(db: Session, token: str) -> Delivery:
    """The announcement that the link was in; nobody else may end a reader's announcements."""
    delivery_id = links().read_unsubscribe(token)
    delivery = db.get(Delivery, delivery_id) if delivery_id else None
    if delivery is None:
        abort(404)
    return delivery


def _page(delivery: Delivery, *, ended: bool) -> str:
    """In the mail's own language, unless the reader has chosen one here."""
    with force_locale(chosen_language() or delivery.language):
        return render_template(
            "notify/unsubscribe.html", email=delivery.recipient_email, ended=ended
        )
