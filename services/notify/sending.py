"""The sender: claims one mail that is due, sends it outside any transaction, notes the outcome."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from services.chassis.db import locked
from services.chassis.log import logger
from services.chassis.service import Runtime
from services.notify.composing import compose
from services.notify.deliveries import supersede
from services.notify.failures import OutcomeUnknown, PermanentFailure, TemporaryFailure
from services.notify.message import Mail
from services.notify.models import (
    ACCEPTED,
    FAILED,
    QUEUED,
    SENDING,
    UNDER_WAY,
    UNKNOWN,
    Delivery,
    SubjectState,
)
from services.notify.transports import transport_for
from services.notify.transports.transport import Transport
from services.notify.truth import facts_now, why_untrue

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
_LARGEST_EXPONENT = 10
SENDER_DIED = "The sender stopped before it could note the outcome."

log = logger(__name__)
_random = SystemRandom()


@dataclass(frozen=True)
class Claim:
    """A mail that is ours to send until its claim runs out, and the facts to write it with."""

    delivery: Delivery
    facts: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt."""

    state: str
    words: str = ""
    provider_id: str = ""
    not_before: datetime | None = None


def send_next(runtime: Runtime, now: datetime) -> int:
    """Deal with one mail that is due, if there is one; returns how many."""
    with runtime.database.reading() as db:
        if not db.scalar(_due(now)):
            return 0
    transport = transport_for(runtime.settings)
    with runtime.database.writing() as db:
        claim = claim_next(db, transport, now)
    if claim is not None:
        attempt_and_note(runtime, transport, claim, now)
    return 1


def claim_next(db: Session, transport: Transport, now: datetime) -> Claim | None:
    """Claim the mail that has been due longest, after a last look at whether it is true.

    None when there was none, or it was only doubted or found untrue.
    """
    delivery = db.scalar(_due(now).with_for_update(skip_locked=True))
    if delivery is None:
        return None
    if delivery.state == SENDING:
        _doubt(delivery, SENDER_DIED, now + transport.patience)
        return None
    state = db.get(SubjectState, delivery.subject_id)
    if reason := why_untrue(delivery, state, now):
        supersede(delivery, reason)
        return None
    delivery.state, delivery.attempts = SENDING, delivery.attempts + 1
    delivery.due_at = now + transport.longest_send
    return Claim(delivery, facts_now(delivery, state))


def attempt_and_note(runtime: Runtime, transport: Transport, claim: Claim, now: datetime) -> None:
    """Write and send a claimed mail, with no transaction open meanwhile, and note the outcome."""
    started = time.monotonic()
    delivery = claim.delivery
    with bound_contextvars(correlation_id=delivery.correlation_id, mail_id=str(delivery.id)):
        mail = _composed(runtime, claim)
        outcome = mail if isinstance(mail, Outcome) else _attempt(transport, mail, now)
        ended = now + timedelta(seconds=time.monotonic() - started)
        with runtime.database.writing() as db:
            note_outcome(db, claim, outcome, transport=transport, now=ended)
            if isinstance(mail, Mail):
                db.get_one(Delivery, delivery.id).mail_subject = mail.subject
        log.info("mail attempted", kind=delivery.kind, outcome=outcome.state)


def note_outcome(
    db: Session, claim: Claim, outcome: Outcome, *, transport: Transport, now: datetime
) -> None:
    """Write down what became of an attempt, unless a later attempt has taken over.

    That a mail was accepted is noted in any case: it is true whoever else tries meanwhile.
    """
    delivery = locked(db, Delivery, claim.delivery.id)
    if delivery is None:
        raise LookupError(f"delivery {claim.delivery.id} vanished while it was sent")
    if outcome.state == ACCEPTED:
        _accept(delivery, outcome, now)
    elif delivery.attempts == claim.delivery.attempts and delivery.state == SENDING:
        _note_failure(delivery, outcome, transport, now)


def _due(now: datetime) -> sa.Select[Delivery]:
    query = sa.select(Delivery).where(Delivery.state.in_(UNDER_WAY), Delivery.due_at <= now)
    return query.order_by(Delivery.due_at, Delivery.id).limit(1)


def _composed(runtime: Runtime, claim: Claim) -> Mail | Outcome:
    """The mail; one that cannot be written must not hold up the others, so staff see why."""
    try:
        return compose(claim.delivery, claim.facts, runtime.settings)
    except PermanentFailure as problem:
        return Outcome(FAILED, str(problem))
    except Exception as problem:
        log.exception("mail cannot be written", kind=claim.delivery.kind)
        return Outcome(FAILED, f"The mail cannot be written: {type(problem).__name__}: {problem}")


def _attempt(transport: Transport, mail: Mail, now: datetime) -> Outcome:
    """Send; what nobody foresaw may have happened after the mail was out, so it is in doubt."""
    try:
        return Outcome(ACCEPTED, provider_id=transport.send(mail, now))
    except TemporaryFailure as problem:
        return Outcome(QUEUED, str(problem), not_before=problem.not_before)
    except PermanentFailure as problem:
        return Outcome(FAILED, str(problem))
    except OutcomeUnknown as problem:
        return Outcome(UNKNOWN, str(problem))
    except Exception as problem:
        log.exception("mail transport failed")
        return Outcome(UNKNOWN, f"{type(problem).__name__}: {problem}")


def _accept(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    delivery.state, delivery.accepted_at = ACCEPTED, now
    delivery.provider_id = outcome.provider_id[:200]
    if not delivery.second_copy_possible:
        delivery.error = ""


def _note_failure(
    delivery: Delivery, outcome: Outcome, transport: Transport, now: datetime
) -> None:
    if outcome.state == UNKNOWN:
        _doubt(delivery, outcome.words, now + transport.patience)
        return
    delivery.error = outcome.words
    again_at = max(now + _pause(delivery.attempts), outcome.not_before or now)
    gives_up = outcome.state == FAILED or again_at > delivery.give_up_at
    delivery.state = FAILED if gives_up else QUEUED
    delivery.due_at = again_at


def _doubt(delivery: Delivery, words: str, again_at: datetime) -> None:
    delivery.state, delivery.due_at = UNKNOWN, again_at
    delivery.error, delivery.second_copy_possible = words, True


def _pause(attempts: int) -> timedelta:
    """Twice as long after each attempt, more or less, so that many do not come back at once."""
    growing = FIRST_RETRY * (1 << min(attempts - 1, _LARGEST_EXPONENT))
    wait: timedelta = min(growing, LONGEST_RETRY) * _random.uniform(0.75, 1.25)
    return wait
