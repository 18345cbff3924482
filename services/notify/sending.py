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
from services.chassis.kept import Turn
from services.chassis.log import logger
from services.chassis.service import Runtime
from services.notify.composing import compose
from services.notify.deliveries import supersede
from services.notify.failures import (
    NoSuchAddress,
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
from services.notify.invitations import invited_with, note_invitation
from services.notify.letterhead import letterhead_of
from services.notify.message import Mail
from services.notify.models import (
    ACCEPTED,
    FAILED,
    QUEUED,
    SENDING,
    UNDER_WAY,
    UNKNOWN,
    Attempt,
    Delivery,
    Letterhead,
    SubjectState,
)
from services.notify.outcomes import HARD_BOUNCE, REFUSED, say_bounced
from services.notify.provider_pause import is_paused, pause_all
from services.notify.reports import TOLD_BY_PROVIDER
from services.notify.retention import forget_messages
from services.notify.sent_copies import keep_copy
from services.notify.suppressions import hold_back, suppress_dead
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
    """A mail that is ours to send until its claim runs out, and what to write it with."""

    delivery: Delivery
    facts: dict[str, Any]
    letterhead: Letterhead
    claimed_at: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt; `rests_all` where it is the provider's state and no mail's."""

    state: str
    words: str = ""
    provider_id: str = ""
    not_before: datetime | None = None
    rests_all: bool = False
    is_dead_address: bool = False


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
    """Claim the mail that has been due longest, after a last look at whether it may go.

    None when there was none, or it was only doubted, found untrue, or held back.
    """
    delivery = db.scalar(_due(now).with_for_update(skip_locked=True))
    if delivery is None:
        return None
    if delivery.state == SENDING:
        _doubt(delivery, SENDER_DIED, now + transport.patience)
        # The claim ran for `longest_send`, and its sender said nothing until it ran out.
        began = delivery.due_at - transport.longest_send
        _keep_attempt(db, delivery, Outcome(UNKNOWN, SENDER_DIED), began=began, ended=now)
        return None
    state = db.get(SubjectState, delivery.subject_id)
    if reason := why_untrue(delivery, state, now):
        supersede(delivery, reason)
        return None
    if hold_back(db, delivery, now):
        return None
    delivery.state, delivery.attempts = SENDING, delivery.attempts + 1
    delivery.due_at = now + transport.longest_send
    facts = facts_now(delivery, state, now) | {"invited_with": invited_with(db, delivery)}
    return Claim(delivery, facts, letterhead_of(db), now)


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
            if db.get_one(Delivery, delivery.id).is_forgotten:
                forget_messages(db, [delivery.id], Turn(runtime.settings, now))
            elif isinstance(mail, Mail) and outcome.state != QUEUED:
                keep_copy(db, mail, now)
            if isinstance(mail, Mail) and outcome.state == ACCEPTED:
                note_invitation(db, delivery, mail)
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
    if not delivery.is_forgotten:  # By somebody's wish, while this sender was held up.
        _keep_attempt(db, claim.delivery, outcome, began=claim.claimed_at, ended=now)
    if outcome.rests_all:
        pause_all(db, outcome.words, wish=outcome.not_before, now=now)
    if outcome.state == ACCEPTED:
        _accept(delivery, outcome, now)
    elif delivery.attempts == claim.delivery.attempts and delivery.state == SENDING:
        _note_failure(delivery, outcome, transport, now)
        if delivery.state == FAILED:
            _tell_of_failure(db, delivery, outcome, now)


def _due(now: datetime) -> sa.Select[Delivery]:
    is_due = (Delivery.state.in_(UNDER_WAY), Delivery.due_at <= now, ~is_paused(now))
    # News of one's own place comes before what staff write to two thousand.
    order = (Delivery.batch_id.is_not(None), Delivery.due_at, Delivery.id)
    return sa.select(Delivery).where(*is_due).order_by(*order).limit(1)


def _composed(runtime: Runtime, claim: Claim) -> Mail | Outcome:
    """The mail; one that cannot be written must not hold up the others, so staff see why."""
    try:
        settings, letterhead = runtime.settings, claim.letterhead
        return compose(claim.delivery, claim.facts, settings, letterhead, now=claim.claimed_at)
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
        rests_all = isinstance(problem, ProviderResting)
        return Outcome(QUEUED, str(problem), not_before=problem.not_before, rests_all=rests_all)
    except PermanentFailure as problem:
        is_dead = isinstance(problem, NoSuchAddress)
        return Outcome(FAILED, str(problem), is_dead_address=is_dead)
    except OutcomeUnknown as problem:
        return Outcome(UNKNOWN, str(problem))
    except Exception as problem:
        log.exception("mail transport failed")
        return Outcome(UNKNOWN, f"{type(problem).__name__}: {problem}")


def _accept(delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Accepted, unless the provider has told more by now: reports can overtake answers."""
    delivery.accepted_at = delivery.accepted_at or now
    delivery.provider_id = outcome.provider_id[:200]
    if delivery.state in TOLD_BY_PROVIDER:
        return
    delivery.state = ACCEPTED
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


def _tell_of_failure(db: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Have staff look at it, and spare an address that does not exist."""
    words = outcome.words
    if outcome.is_dead_address:
        suppress_dead(db, delivery.recipient_email, words=words, at=now, now=now)
    reason = HARD_BOUNCE if outcome.is_dead_address else REFUSED
    say_bounced(db, delivery, reason=reason, words=words, at=now, now=now)


def _keep_attempt(
    db: Session, tried: Delivery, outcome: Outcome, *, began: datetime, ended: datetime
) -> None:
    """Write down one try at a mail as it was then: its address may have been corrected since."""
    db.add(
        Attempt(
            delivery_id=tried.id,
            started_at=began,
            ended_at=ended,
            address=tried.recipient_email,
            outcome=outcome.state,
            words=outcome.words or outcome.provider_id,
        )
    )


def _doubt(delivery: Delivery, words: str, again_at: datetime) -> None:
    delivery.state, delivery.due_at = UNKNOWN, again_at
    delivery.error, delivery.second_copy_possible = words, True


def _pause(attempts: int) -> timedelta:
    """Twice as long after each attempt, more or less, so that many do not come back at once."""
    growing = FIRST_RETRY * (1 << min(attempts - 1, _LARGEST_EXPONENT))
    wait: timedelta = min(growing, LONGEST_RETRY) * _random.uniform(0.75, 1.25)
    return wait
