"""What must be true of mail: each wanted one is there once, and the last one sent is true."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from services.chassis.inbox import APPLIED, InboxRow
from services.chassis.invariants import (
    EVENT,
    LOCK_WAIT,
    MAIL,
    RECENT,
    REGISTRATION,
    SETTLED,
    Found,
    invariant,
    message,
)
from services.contracts.registrations import REGISTRATION_REPEATED, SESSION_NOTICE
from services.notify.kinds import NOTICE_CANCELLED, REMARK_CONTRACTS, STATUS_CONTRACTS, STATUS_KINDS
from services.notify.models import (
    ACCEPTED,
    SUPERSEDED,
    UNDER_WAY,
    Attempt,
    Delivery,
    SubjectState,
)
from services.notify.provider_pause import is_paused

_CALL_FOR_MAIL = [
    contract.type
    for contract in (*STATUS_CONTRACTS, *REMARK_CONTRACTS, SESSION_NOTICE)
    if contract is not REGISTRATION_REPEATED  # That one is answered once an hour.
]
_ABOUT_PLACES = (*STATUS_KINDS, NOTICE_CANCELLED)
_WRITE = message("Write to the person how things stand, and tell the developers.")


@dataclass(frozen=True)
class Told:
    """What notify knows of a registration; `ended` when nothing more can come of it."""

    status: str
    ended: bool


@invariant(
    "I11",
    EVENT,
    wrong=message("An event that calls for a mail has none."),
    cure=_WRITE,
)
def each_event_has_its_mail(db: Session, now: datetime) -> Found:
    """Each event that calls for a mail has one."""
    called = sa.select(InboxRow.event_id).where(
        InboxRow.type.in_(_CALL_FOR_MAIL),
        InboxRow.outcome == APPLIED,
        InboxRow.received_at > now - RECENT,
    )
    return db.scalars(called.except_(sa.select(Delivery.event_id)))


@invariant(
    "I11",
    EVENT,
    wrong=message("An event has called forth two mails."),
    cure=message("Tell the developers; the person has been told the same twice."),
)
def no_event_has_two_mails(db: Session, now: datetime) -> Found:
    """An event has one mail; what staff or a corrected address repeated is a copy of it."""
    originals = sa.select(Delivery.event_id).where(Delivery.resend_of_id.is_(None))
    return db.scalars(originals.group_by(Delivery.event_id).having(sa.func.count() > 1))


@invariant(
    "I11",
    MAIL,
    wrong=message("A mail has been due for more than five minutes."),
    cure=message("Ask whoever runs the site whether the clock runs; `turnout doctor` tells."),
)
def mail_goes_out_when_due(db: Session, now: datetime) -> Found:
    """A mail is dealt with within five minutes of being due, and of the provider’s rest."""
    due = Delivery.state.in_(UNDER_WAY), Delivery.due_at < now - SETTLED
    return db.scalars(sa.select(Delivery.id).where(*due, ~is_paused(now - SETTLED)))


@invariant(
    "I12",
    REGISTRATION,
    wrong=message("The last mail sent about a place tells what is no longer so."),
    cure=_WRITE,
)
def the_last_mail_is_true(db: Session, now: datetime) -> Found:
    """The last mail sent about a place tells its state, or a newer one is on its way or shown.

    Of a place that has ended by a move or with its session the new place or the notice tells.
    """
    last, newer = aliased(Delivery), aliased(Delivery)
    comes = sa.select(newer.id).where(
        newer.subject_id == last.subject_id,
        newer.sequence > last.sequence,
        newer.kind.in_(_ABOUT_PLACES),
        sa.or_(newer.accepted_at.is_not(None), newer.state != SUPERSEDED),
    )
    query = sa.select(last.subject_id).join(
        SubjectState, SubjectState.registration_id == last.subject_id
    )
    untrue = last.context["status"].as_string() != SubjectState.status
    sent = last.kind.in_(STATUS_KINDS), last.accepted_at.is_not(None)
    return db.scalars(query.where(*sent, untrue, SubjectState.ended.is_(False), ~comes.exists()))


@invariant(
    "I12",
    MAIL,
    wrong=message("A mail went out after it had ceased to be true."),
    cure=_WRITE,
)
def no_mail_goes_out_untrue(db: Session, now: datetime) -> Found:
    """No mail about a place is sent once a newer one, which tells otherwise, is wanted."""
    newer = aliased(Delivery)
    query = sa.select(Delivery.id, Attempt.started_at, sa.func.min(newer.created_at))
    query = query.join(Attempt, Attempt.delivery_id == Delivery.id)
    query = query.join(
        newer,
        sa.and_(newer.subject_id == Delivery.subject_id, newer.sequence > Delivery.sequence),
    )
    says, said = Delivery.context["status"].as_string(), newer.context["status"].as_string()
    rows = db.execute(
        query.where(
            Delivery.kind.in_(STATUS_KINDS),
            newer.kind.in_(_ABOUT_PLACES),
            says != said,
            Attempt.outcome == ACCEPTED,
            Attempt.started_at > newer.created_at,
            Attempt.started_at > now - RECENT,
        ).group_by(Delivery.id, Attempt.id, Attempt.started_at)
    )
    return [key for key, started, wanted in rows if started > wanted + LOCK_WAIT]


INVARIANTS = (
    each_event_has_its_mail,
    no_event_has_two_mails,
    mail_goes_out_when_due,
    the_last_mail_is_true,
    no_mail_goes_out_untrue,
)


def told_of_places(db: Session) -> Mapping[UUID, Told]:
    """What notify knows of each registration."""
    columns = SubjectState.registration_id, SubjectState.heard_status, SubjectState.ended
    return {key: Told(status, ended) for key, status, ended in db.execute(sa.select(*columns))}


def mailed_about(db: Session, *kinds: str) -> set[UUID]:
    """The registrations that there is a mail of one of these kinds about."""
    query = sa.select(Delivery.subject_id).where(Delivery.kind.in_(kinds))
    return set(db.scalars(query.distinct()))


def settled_mail_about(db: Session, now: datetime) -> set[UUID]:
    """The registrations that there has been a mail about for a while."""
    is_old = Delivery.created_at < now - SETTLED
    query = sa.select(Delivery.subject_id).where(Delivery.kind.in_(_ABOUT_PLACES), is_old)
    return set(db.scalars(query.distinct()))
