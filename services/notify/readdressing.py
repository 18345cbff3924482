"""What notify does when an address was corrected: mail that went astray goes to the new one."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.contracts import Event
from services.notify.deliveries import search_text, send_copy, supersede
from services.notify.kinds import LIVE_STATUSES, STATUS_KINDS
from services.notify.models import (
    ACCEPTED,
    BOUNCED,
    DELIVERED,
    DROPPED,
    FAILED,
    HELD,
    QUEUED,
    SENDING,
    SUPPRESSED,
    UNKNOWN,
    Delivery,
    SubjectState,
)
from services.notify.subjects import learn, subject
from services.notify.truth import why_untrue

ADDRESS_CORRECTED = "Not sent again: the address was corrected, and a copy goes to the new one."
_WENT_OUT = (ACCEPTED, DELIVERED)
_ASTRAY = (BOUNCED, DROPPED, FAILED, SUPPRESSED)
_UNDECIDED = (SENDING, UNKNOWN)


def on_readdressed(db: Session, event: Event, now: datetime) -> None:
    """Send to the new address what did not arrive at the old one, or else how things stand.

    What is sent again are copies: the originals keep their state, their attempts and their words.
    """
    state = subject(db, event.data["registration_id"])
    is_newest = event.data["link_version"] >= state.link_version
    learn(db, event)
    if not is_newest:
        return  # A later correction has been heard of already.
    state.email = event.data["recipient"]["email"]
    mails = _mails(db, state.registration_id)
    waiting = [each for each in mails if _has_not_left(each)]
    for each in waiting:
        _redirect(each, state.email)
    copied = [_send_again(db, each, state, now) for each in _astray(mails, state.email)]
    has_news = any(copied) or any(each.kind in STATUS_KINDS for each in waiting)
    if not has_news and event.data["status"] in LIVE_STATUSES:
        _send_status_again(db, mails, state, now)


def _mails(db: Session, registration_id: UUID) -> list[Delivery]:
    """All that can be sent again about a registration, the oldest first, no tests to an author."""
    query = sa.select(Delivery).where(Delivery.subject_id == registration_id)
    rows = db.scalars(query.order_by(Delivery.created_at, Delivery.id).with_for_update())
    return [each for each in rows if each.needed_until and not each.context.get("is_test")]


def _has_not_left(delivery: Delivery) -> bool:
    return delivery.state in (QUEUED, HELD) and not delivery.second_copy_possible


def _may_have_left(delivery: Delivery) -> bool:
    """Whether one can be at the old address, so that reports of it are about that one."""
    is_in_doubt = delivery.state == QUEUED and delivery.second_copy_possible
    return is_in_doubt or delivery.state in _UNDECIDED


def _astray(mails: Sequence[Delivery], email: str) -> list[Delivery]:
    """Of each mail the last copy, if that went elsewhere and did not arrive, or may not have."""
    last = {each.event_id: each for each in mails}
    return [
        each
        for each in last.values()
        if each.recipient_email != email and (each.state in _ASTRAY or _may_have_left(each))
    ]


def _redirect(delivery: Delivery, email: str) -> None:
    delivery.recipient_email = email
    session = delivery.context.get("session")
    delivery.search_text = search_text(delivery.recipient_name, email, session)


def _send_again(db: Session, original: Delivery, state: SubjectState, now: datetime) -> bool:
    """Copy a mail to the new address if it is still true; tells whether it was."""
    if _may_have_left(original):
        supersede(original, ADDRESS_CORRECTED)  # Its sender, or a report, will say if it went out.
    if why_untrue(original, state, now):
        return False
    send_copy(db, original, email=state.email, now=now)
    return True


def _send_status_again(
    db: Session, mails: Sequence[Delivery], state: SubjectState, now: datetime
) -> None:
    """The old address took the mail, which somebody else may have read: tell how things stand.

    Nothing is to be told anew to who has had the newest at the new address already.
    """
    out = [each for each in mails if each.kind in STATUS_KINDS and each.state in _WENT_OUT]
    newest = max(out, key=lambda each: (each.sequence, each.created_at), default=None)
    if newest is not None and newest.recipient_email != state.email:
        _send_again(db, newest, state, now)
