"""The page that ends announcements: by a button, or with one click in a mail program."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask_babel import force_locale
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.capabilities import SHORTEST_TOKEN, keep_open, opened_version, without_link
from services.chassis.i18n import chosen_language
from services.chassis.policy import END_ANNOUNCEMENTS
from services.chassis.running import links, runtime
from services.notify.models import ANNOUNCEMENT, Delivery
from services.notify.reports import unsubscribe
from services.notify.suppressions import suppression_of

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a mail program posts, by RFC 8058; a scanner that tries out links posts something else."""

_LINK = f"/<string(minlength={SHORTEST_TOKEN}):token>"
_KIND = "unsubscribe"

unsubscribe_pages = Blueprint("unsubscribe", __name__, url_prefix="/unsubscribe")
one_click_pages = Blueprint("one_click", __name__, url_prefix="/unsubscribe")


@unsubscribe_pages.get(_LINK)
@allowed(END_ANNOUNCEMENTS)
def follow(token: str) -> Response:
    """Take the link out of the address; it works any number of times, and changes nothing."""
    with runtime().database.reading() as db:
        delivery = _linked(db, token)
    keep_open(_KIND, delivery.id, datetime.now(UTC))
    return without_link("unsubscribe.ask", delivery_id=delivery.id)


@unsubscribe_pages.get("/<uuid:delivery_id>")
@allowed(END_ANNOUNCEMENTS)
def ask(delivery_id: UUID) -> str:
    """Ask; looking changes nothing, as mail scanners follow every link."""
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        delivery = _opened(db, delivery_id, now)
        ended = suppression_of(db, delivery.recipient_email, ANNOUNCEMENT, now) is not None
    return _page(delivery, ended=ended)


@unsubscribe_pages.post("/<uuid:delivery_id>")
@allowed(END_ANNOUNCEMENTS)
def end(delivery_id: UUID) -> str:
    """End them by the button."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        delivery = _opened(db, delivery_id, now)
        unsubscribe(db, delivery, at=now, now=now)
    return _page(delivery, ended=True)


@one_click_pages.post(_LINK)
@allowed(END_ANNOUNCEMENTS)
def one_click(token: str) -> str:
    """End them for a reader whose mail program asks; it has no cookie of ours (RFC 8058)."""
    name, value = ONE_CLICK
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        delivery = _linked(db, token)
        if request.form.get(name) != value:
            abort(400)
        unsubscribe(db, delivery, at=now, now=now)
    return _page(delivery, ended=True)


def _linked(db: Session, token: str) -> Delivery:
    """The announcement that the link was in; nobody else may end a reader's announcements."""
    delivery_id = links().read_unsubscribe(token)
    delivery = db.get(Delivery, delivery_id) if delivery_id else None
    if delivery is None:
        abort(404)
    return delivery


def _opened(db: Session, delivery_id: UUID, now: datetime) -> Delivery:
    """The announcement whose link this browser followed."""
    opened_version(_KIND, delivery_id, now)
    delivery = db.get(Delivery, delivery_id)
    if delivery is None:
        abort(404)
    return delivery


def _page(delivery: Delivery, *, ended: bool) -> str:
    """In the mail's own language, unless the reader has chosen one here."""
    with force_locale(chosen_language() or delivery.language):
        return render_template(
            "notify/unsubscribe.html", email=delivery.recipient_email, ended=ended
        )
