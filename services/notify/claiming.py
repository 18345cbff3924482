"""Which mail goes next: the one due longest, claimed after a last look at whether it may go."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import table_of
from services.notify.deliveries import supersede
from services.notify.invitations import invited_with
from services.notify.letterhead import ONLY_ROW, letterhead_with
from services.notify.models import (
    SENDING,
    UNDER_WAY,
    UNKNOWN,
    Attempt,
    Delivery,
    Letterhead,
    SubjectState,
)
from services.notify.provider_pause import is_paused
from services.notify.suppressions import hold_back
from services.notify.transports.transport import Transport
from services.notify.truth import facts_now, why_untrue

SENDER_DIED = "The sender stopped before it could note the outcome."

# Built once: to build a statement takes longer than to run it.
_MAIL = table_of(Delivery)
_NOW = sa.bindparam("now", type_=_MAIL.c.due_at.type)
_IS_DUE = (_MAIL.c.state.in_(UNDER_WAY), _MAIL.c.due_at <= _NOW, ~is_paused(_NOW))
_ANY_DUE = sa.select(_MAIL.c.id).where(*_IS_DUE).limit(1)
_NEXT = (
    sa.select(_MAIL.c.id)
    .where(*_IS_DUE)
    # News of one's own place comes before what staff write to two thousand.
    .order_by(_MAIL.c.batch_id.is_not(None), _MAIL.c.due_at, _MAIL.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_WITH_ALL_ABOUT_IT = (
    sa.select(Delivery, SubjectState, Letterhead)
    .outerjoin(SubjectState, SubjectState.registration_id == Delivery.subject_id)
    .outerjoin(Letterhead, Letterhead.id == ONLY_ROW)
    .where(Delivery.id == sa.bindparam("mail_id"))
)
_CLAIM = (
    sa.update(_MAIL)
    .where(_MAIL.c.id == sa.bindparam("mail_id"))
    .values(state=SENDING, attempts=sa.bindparam("attempt"), due_at=sa.bindparam("until"))
)


@dataclass(frozen=True)
class Claim:
    """A mail that is ours to send until its claim runs out, and what to write it with."""

    delivery: Delivery
    state: SubjectState | None
    invited_with: int | None
    letterhead: Letterhead
    claimed_at: datetime

    def facts(self) -> dict[str, Any]:
        """What the mail tells, as it was when it was claimed."""
        facts = facts_now(self.delivery, self.state, self.claimed_at)
        return facts | {"invited_with": self.invited_with}


def is_any_due(db: Session, now: datetime) -> bool:
    """Whether there is a mail to claim; this look holds up nobody."""
    return db.scalar(_ANY_DUE, {"now": now}) is not None


def claim_next(db: Session, transport: Transport, now: datetime) -> Claim | None:
    """Claim the mail that has been due longest, after a last look at whether it may go.

    None when there was none, or it was only doubted, found untrue, or held back.
    """
    mail_id = db.scalar(_NEXT, {"now": now})
    if mail_id is None:
        return None
    delivery, state, letterhead = db.execute(_WITH_ALL_ABOUT_IT, {"mail_id": mail_id}).one()
    if delivery.state == SENDING:
        _doubt_the_dead(db, delivery, transport, now)
        return None
    if reason := why_untrue(delivery, state, now):
        supersede(delivery, reason)
        return None
    if hold_back(db, delivery, now):
        return None
    invited = invited_with(db, delivery)
    _take(db, delivery, now + transport.longest_send)
    return Claim(delivery, state, invited, letterhead or letterhead_with(), now)


def doubt(delivery: Delivery, words: str, again_at: datetime) -> None:
    """Let a mail rest of which nobody here can know whether it is out."""
    delivery.state, delivery.due_at = UNKNOWN, again_at
    delivery.error, delivery.second_copy_possible = words, True


def _doubt_the_dead(db: Session, delivery: Delivery, transport: Transport, now: datetime) -> None:
    """The claim ran for `longest_send`, and its sender said nothing until it ran out."""
    db.add(
        Attempt(
            delivery_id=delivery.id,
            started_at=delivery.due_at - transport.longest_send,
            ended_at=now,
            address=delivery.recipient_email,
            outcome=UNKNOWN,
            words=SENDER_DIED,
        )
    )
    doubt(delivery, SENDER_DIED, now + transport.patience)


def _take(db: Session, delivery: Delivery, until: datetime) -> None:
    """Claim it with one statement; the object leaves with its sender as the row is by then."""
    db.expunge(delivery)
    delivery.state, delivery.attempts, delivery.due_at = SENDING, delivery.attempts + 1, until
    mine = {"mail_id": delivery.id, "attempt": delivery.attempts, "until": until}
    db.execute(_CLAIM, mine)
