"""What notify does on each event: note what is newest, and queue the mail that it calls for."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.erasing import on_erasure_asked, was_erased
from services.chassis.inbox import Handler
from services.chassis.sign_ins import on_staff_signed_out
from services.chassis.staff import on_staff_changed
from services.contracts import Event
from services.contracts.people import ERASURE_ASKED, EXPORT_ASKED, LINK_ASKED
from services.contracts.registrations import (
    DIGEST_DUE,
    MESSAGE_REQUESTED,
    REGISTRATION_MOVED,
    REGISTRATION_READDRESSED,
    ROSTER_DUE,
    ROSTER_DUE_V1,
    SESSION_NOTICE,
)
from services.contracts.staff import (
    PASSWORD_LINK_ASKED,
    STAFF_CHANGED,
    STAFF_CHANGED_V1,
    STAFF_SIGNED_OUT,
)
from services.notify.deliveries import supersede, want_mail
from services.notify.digests import on_digest_due
from services.notify.export import on_export_asked
from services.notify.kinds import (
    GROUP_MESSAGE,
    LINK_TO_DATA,
    LINK_TO_PASSWORD,
    NOTICE_CANCELLED,
    NOTICE_CHANGED,
    REMARK_CONTRACTS,
    REPEATED,
    ROSTER,
    STATUS_CONTRACTS,
)
from services.notify.models import QUEUED, Delivery, SubjectState
from services.notify.notices import merge_notices
from services.notify.readdressing import on_readdressed
from services.notify.subjects import learn, learn_status, subject
from services.notify.suppressions import heed_consent
from services.notify.truth import NEWER_ROSTER

REPEATED_AT_MOST_EVERY = timedelta(hours=1)


def on_moved(db: Session, event: Event, now: datetime) -> None:
    """Tell of the new place; nothing that waits about the old one is true any more."""
    subject(db, event.data["previous_registration_id"]).ended = True
    _on_status("moved")(db, event, now)


def on_session_notice(db: Session, event: Event, now: datetime) -> None:
    """Tell one person that their session changed or is cancelled."""
    state = learn(db, event)
    if event.data["change"] == "cancelled":
        state.ended = True
        _want(db, event, NOTICE_CANCELLED, now, state)
        return
    state.notice_sequence = max(state.notice_sequence, event.sequence)
    if _want(db, event, NOTICE_CHANGED, now, state):
        merge_notices(db, state.registration_id)


def on_roster_due(db: Session, event: Event, now: datetime) -> None:
    """Send a roster to a facilitator or host; an older one that still waits is void."""
    session_id = event.data["session"]["session_id"]
    event = _without_erased(db, event)
    key = _roster_key(event)
    if want_mail(db, event, ROSTER, key=key, subject_id=session_id, now=now):
        _supersede_older_rosters(db, event)


def _without_erased(db: Session, event: Event) -> Event:
    """A roster that comes late, without those who were erased after it was written."""
    lines = [
        each for each in event.data["lines"] if not was_erased(db, each["email"], since=event.time)
    ]
    return replace(event, data=event.data | {"lines": lines})


def on_message_requested(db: Session, event: Event, now: datetime) -> None:
    """Send what staff wrote to one reader of a group, or a test to its author."""
    data = event.data
    state = learn(db, event) if data["registration_id"] else None
    if data["agreed_at"]:
        heed_consent(db, data["recipient"]["email"], data["agreed_at"])
    subject_id = data["registration_id"] or data["group_message_id"]
    about = {"key": _message_key(event), "subject_id": subject_id, "state": state}
    want_mail(db, event, GROUP_MESSAGE, **about, now=now)


def on_link_asked(db: Session, event: Event, now: datetime) -> None:
    """Send somebody the link by which they get their data, or are erased."""
    request_id = event.data["request_id"]
    want_mail(db, event, LINK_TO_DATA, key=f"data:{request_id}", subject_id=request_id, now=now)


def on_password_link_asked(db: Session, event: Event, now: datetime) -> None:
    """Send a member of staff the link by which they choose a new password."""
    key, staff_id = f"password:{event.id}", event.data["staff_id"]
    want_mail(db, event, LINK_TO_PASSWORD, key=key, subject_id=staff_id, now=now)


def _on_status(kind: str) -> Handler:
    def handle(db: Session, event: Event, now: datetime) -> None:
        _want(db, event, kind, now, learn_status(db, event))

    return handle


def _on_remark(kind: str) -> Handler:
    def handle(db: Session, event: Event, now: datetime) -> None:
        state = learn(db, event)
        if kind != REPEATED or not _was_repeated_lately(db, event, now):
            _want(db, event, kind, now, state)

    return handle


def _want(db: Session, event: Event, kind: str, now: datetime, state: SubjectState | None) -> bool:
    registration_id = event.data["registration_id"]
    name = event.type.rpartition(".")[0]
    key = f"{name}:{registration_id}:{event.sequence}"
    return want_mail(db, event, kind, key=key, subject_id=registration_id, now=now, state=state)


def _was_repeated_lately(db: Session, event: Event, now: datetime) -> bool:
    query = sa.select(Delivery.id).where(
        Delivery.subject_id == event.data["registration_id"],
        Delivery.kind == REPEATED,
        Delivery.created_at > now - REPEATED_AT_MOST_EVERY,
    )
    return db.scalar(query.limit(1)) is not None


def _roster_key(event: Event) -> str:
    """On demand each request counts; otherwise the same list is sent once an occasion."""
    if event.data["occasion"] == "on_demand":
        return f"roster:{event.id}"
    recipient = _address_hash(event)
    session_id, occasion = event.data["session"]["session_id"], event.data["occasion"]
    return f"roster:{session_id}:{recipient}:{occasion}:{event.data['content_version']}"


def _message_key(event: Event) -> str:
    """One for each reader of a message; of a test, as many as were asked for."""
    if event.data["is_test"]:
        return f"group-test:{event.id}"
    reader = event.data["registration_id"] or _address_hash(event)
    return f"group:{event.data['group_message_id']}:{reader}"


def _address_hash(event: Event) -> str:
    email = event.data["recipient"]["email"].casefold()
    return hashlib.sha256(email.encode()).hexdigest()[:32]


def _supersede_older_rosters(db: Session, event: Event) -> None:
    query = sa.select(Delivery).where(
        Delivery.subject_id == event.data["session"]["session_id"],
        Delivery.kind == ROSTER,
        Delivery.state == QUEUED,
        Delivery.recipient_email == event.data["recipient"]["email"],
    )
    *older, _newest = db.scalars(query.order_by(Delivery.sequence).with_for_update()).all()
    for each in older:
        supersede(each, NEWER_ROSTER)


HANDLERS: dict[str, Handler] = {
    **{contract.type: _on_status(kind) for contract, kind in STATUS_CONTRACTS.items()},
    **{contract.type: _on_remark(kind) for contract, kind in REMARK_CONTRACTS.items()},
    REGISTRATION_MOVED.type: on_moved,
    REGISTRATION_READDRESSED.type: on_readdressed,
    SESSION_NOTICE.type: on_session_notice,
    MESSAGE_REQUESTED.type: on_message_requested,
    ROSTER_DUE_V1.type: on_roster_due,
    ROSTER_DUE.type: on_roster_due,
    DIGEST_DUE.type: on_digest_due,
    STAFF_CHANGED_V1.type: on_staff_changed,
    STAFF_CHANGED.type: on_staff_changed,
    STAFF_SIGNED_OUT.type: on_staff_signed_out,
    EXPORT_ASKED.type: on_export_asked,
    ERASURE_ASKED.type: on_erasure_asked,
    LINK_ASKED.type: on_link_asked,
    PASSWORD_LINK_ASKED.type: on_password_link_asked,
}
