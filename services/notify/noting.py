"""What became of an attempt at a mail, written down: its state, the attempt, the copy."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from services.chassis.db import locked, table_of
from services.chassis.ids import new_id
from services.chassis.kept import Turn
from services.notify.claiming import Claim, doubt
from services.notify.invitations import note_invitation
from services.notify.kinds import FOR_ITS_READER_ALONE
from services.notify.message import Mail
from services.notify.models import (
    ACCEPTED,
    FAILED,
    QUEUED,
    SENDING,
    UNKNOWN,
    Attempt,
    Delivery,
)
from services.notify.outcomes import HARD_BOUNCE, REFUSED, say_bounced
from services.notify.provider_pause import pause_all
from services.notify.reports import TOLD_BY_PROVIDER
from services.notify.retention import forget_messages
from services.notify.sent_copies import keep_copy
from services.notify.suppressions import suppress_dead
from services.notify.transports.transport import Transport

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
_LARGEST_EXPONENT = 10

_random = SystemRandom()

_MAIL = table_of(Delivery)
_HAS_BEEN_TOLD_OF = sa.or_(*(_MAIL.c.state == each for each in TOLD_BY_PROVIDER))
_ACCEPT = (
    sa.update(_MAIL)
    .where(_MAIL.c.id == sa.bindparam("mail_id"))
    .values(
        accepted_at=sa.func.coalesce(
            _MAIL.c.accepted_at, sa.bindparam("now", type_=_MAIL.c.accepted_at.type)
        ),
        provider_id=sa.bindparam("provider_id"),
        # Unless the provider has told more by now: reports can overtake answers.
        state=sa.case((_HAS_BEEN_TOLD_OF, _MAIL.c.state), else_=ACCEPTED),
        error=sa.case((_HAS_BEEN_TOLD_OF | _MAIL.c.second_copy_possible, _MAIL.c.error), else_=""),
        mail_subject=sa.case((_MAIL.c.recipient_email == "", ""), else_=sa.bindparam("subject")),
    )
    .returning(_MAIL.c.recipient_email)
)
_KEEP_ATTEMPT = sa.insert(table_of(Attempt))


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `rests_all` where it is the provider's state and no mail's.

    `mail` is what was to be sent; None where it could not be written.
    """

    state: str
    words: str = ""
    mail: Mail | None = None
    provider_id: str = ""
    not_before: datetime | None = None
    rests_all: bool = False
    is_dead_address: bool = False


def concerning(claim: Claim) -> AbstractContextManager[None]:
    """What is logged and said meanwhile belongs to this mail."""
    mail = claim.delivery
    return bound_contextvars(correlation_id=mail.correlation_id, mail_id=str(mail.id))


def note(db: Session, claim: Claim, outcome: Outcome, transport: Transport, turn: Turn) -> None:
    """Write down the outcome, with the copy and the invitation that went out."""
    mail, kind = outcome.mail, claim.delivery.kind
    is_kept = outcome.state != QUEUED and kind not in FOR_ITS_READER_ALONE
    with concerning(claim):
        if not note_outcome(db, claim, outcome, transport=transport, now=turn.now):
            forget_messages(db, [claim.delivery.id], turn)
        elif mail is not None and is_kept:
            keep_copy(db, mail, turn.now)
        if mail is not None and outcome.state == ACCEPTED:
            note_invitation(db, claim.delivery, mail)


def note_outcome(
    db: Session, claim: Claim, outcome: Outcome, *, transport: Transport, now: datetime
) -> bool:
    """Write down what became of an attempt, unless a later attempt has taken over.

    That a mail was accepted is noted in any case: it is true whoever else tries meanwhile. False
    when its reader was forgotten, by somebody's wish, while this sender was held up.
    """
    if outcome.state == ACCEPTED:
        address = _accept(db, claim, outcome, now)
    else:
        address = _note_failure(db, claim, outcome, transport, now)
    if address is None:
        raise LookupError(f"delivery {claim.delivery.id} vanished while it was sent")
    if address:
        _keep_attempt(db, claim, outcome, now)
    return bool(address)


def _accept(db: Session, claim: Claim, outcome: Outcome, now: datetime) -> str | None:
    """Note that it was accepted; returns whose mail it is, None when it is gone."""
    said = {
        "mail_id": claim.delivery.id,
        "now": now,
        "provider_id": outcome.provider_id[:200],
        "subject": outcome.mail.subject if outcome.mail else "",
    }
    address: str | None = db.scalar(_ACCEPT, said)
    return address


def _note_failure(
    db: Session, claim: Claim, outcome: Outcome, transport: Transport, now: datetime
) -> str | None:
    """Note why not, and when it is tried again; returns the same as `_accept`."""
    delivery = locked(db, Delivery, claim.delivery.id)
    if delivery is None:
        return None
    if outcome.rests_all:
        pause_all(db, outcome.words, wish=outcome.not_before, now=now)
    if delivery.attempts == claim.delivery.attempts and delivery.state == SENDING:
        _decide(delivery, outcome, transport, now)
        if delivery.state == FAILED:
            _tell_of_failure(db, delivery, outcome, now)
    if outcome.mail is not None and outcome.state != QUEUED and not delivery.is_forgotten:
        delivery.mail_subject = outcome.mail.subject
    return delivery.recipient_email


def _decide(delivery: Delivery, outcome: Outcome, transport: Transport, now: datetime) -> None:
    if outcome.state == UNKNOWN:
        doubt(delivery, outcome.words, now + transport.patience)
        return
    delivery.error = outcome.words
    again_at = max(now + _pause(delivery.attempts), outcome.not_before or now)
    gives_up = outcome.state == FAILED or again_at > delivery.give_up_at
    delivery.state = FAILED if gives_up else QUEUED
    delivery.due_at = again_at


def _tell_of_failure(db: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Have staff look at it, and spare an address that does not exist."""
    words = outcome.words
    if outcome.is_dead_address:
        suppress_dead(db, delivery.recipient_email, words=words, at=now, now=now)
    reason = HARD_BOUNCE if outcome.is_dead_address else REFUSED
    say_bounced(db, delivery, reason=reason, words=words, at=now, now=now)


def _keep_attempt(db: Session, claim: Claim, outcome: Outcome, now: datetime) -> None:
    """Write down one try at a mail as it was then: its address may have been corrected since."""
    tried = {
        "id": new_id(),
        "delivery_id": claim.delivery.id,
        "started_at": claim.claimed_at,
        "ended_at": now,
        "address": claim.delivery.recipient_email,
        "outcome": outcome.state,
        "words": outcome.words or outcome.provider_id,
    }
    db.execute(_KEEP_ATTEMPT, tried)


def _pause(attempts: int) -> timedelta:
    """Twice as long after each attempt, more or less, so that many do not come back at once."""
    growing = FIRST_RETRY * (1 << min(attempts - 1, _LARGEST_EXPONENT))
    wait: timedelta = min(growing, LONGEST_RETRY) * _random.uniform(0.75, 1.25)
    return wait
