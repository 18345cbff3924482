"""Which mails go next: those due longest, claimed after a last look at whether they may go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from services.chassis.db import Database, table_of
from services.notify.deliveries import supersede
from services.notify.invitations import invited_with
from services.notify.letterhead import ONLY_ROW, letterhead_with
from services.notify.models import (
    IS_UNDER_WAY,
    SENDING,
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

AT_ONCE = 3
"""So many mails a sender claims together; if it dies, as many are in doubt."""

SENDER_DIED = "The sender stopped before it could note the outcome."

# Built once: to build a statement takes longer than to run it.
_MAIL = table_of(Delivery)
_NOW = sa.bindparam("now", type_=_MAIL.c.due_at.type)
_IS_DUE = (sa.text(IS_UNDER_WAY), _MAIL.c.due_at <= _NOW, ~is_paused(_NOW))
_IS_NEWS = _MAIL.c.batch_id.is_(None)
_IS_ANY_DUE = sa.select(
    sa.or_(*(sa.exists().where(each, *_IS_DUE) for each in (_IS_NEWS, ~_IS_NEWS)))
)
_DUE = (
    sa.select(Delivery, SubjectState, Letterhead)
    .outerjoin(SubjectState, SubjectState.registration_id == Delivery.subject_id)
    .outerjoin(Letterhead, Letterhead.id == ONLY_ROW)
    .where(*_IS_DUE)
    .order_by(_MAIL.c.batch_id, _MAIL.c.due_at)  # As the index is, so that nobody has to sort.
    .limit(AT_ONCE)
    .with_for_update(of=Delivery, skip_locked=True)
)
_NEXT_NEWS = _DUE.where(_IS_NEWS)
_NEXT_TO_GROUP = _DUE.where(~_IS_NEWS)
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


def is_any_due(database: Database, now: datetime) -> bool:
    """Whether there is a mail to claim; this look holds up nobody."""
    return bool(database.look(_IS_ANY_DUE, now=now)[0])


def claim_due(db: Session, transport: Transport, now: datetime) -> list[Claim]:
    """Claim the few mails that have been due longest, after a last look at whether they may go.

    The list is empty, too, where all of them were only doubted, found untrue, or held back.
    """
    claims = []
    for delivery, state, letterhead in _next_due(db, now):
        if delivery.state == SENDING:
            _doubt_the_dead(db, delivery, transport, now)
        elif _may_go(db, delivery, state, now):
            invited = invited_with(db, delivery)
            claims.append(Claim(delivery, state, invited, letterhead or letterhead_with(), now))
    _take(db, [each.delivery for each in claims], now + transport.longest_send)
    return claims


def doubt(delivery: Delivery, words: str, again_at: datetime) -> None:
    """Let a mail rest of which nobody here can know whether it is out."""
    delivery.state, delivery.due_at = UNKNOWN, again_at
    delivery.error, delivery.second_copy_possible = words, True


def _next_due(db: Session, now: datetime) -> Sequence[sa.Row[Any, Any, Any]]:
    """Mails with all about them; news of one's own place before what staff write to thousands."""
    moment = {"now": now}
    return db.execute(_NEXT_NEWS, moment).all() or db.execute(_NEXT_TO_GROUP, moment).all()


def _may_go(db: Session, delivery: Delivery, state: SubjectState | None, now: datetime) -> bool:
    """Whether it is true, and its address gets mail; what may not go has been noted so."""
    if reason := why_untrue(delivery, state, now):
        supersede(delivery, reason)
        return False
    with bound_contextvars(correlation_id=delivery.correlation_id):
        return not hold_back(db, delivery, now)


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


def _take(db: Session, deliveries: Sequence[Delivery], until: datetime) -> None:
    """Claim them with one statement; the objects leave with their sender, as the rows are then."""
    mine = []
    for each in deliveries:
        db.expunge(each)
        each.state, each.attempts, each.due_at = SENDING, each.attempts + 1, until
        mine.append({"mail_id": each.id, "attempt": each.attempts, "until": until})
    if mine:
        db.execute(_CLAIM, mine)
