"""The sender: claims one mail that is due, sends it outside any transaction, notes the outcome."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from services.chassis.db import insert_row, locked, table_of
from services.chassis.ids import new_id
from services.chassis.kept import Turn
from services.chassis.log import logger
from services.chassis.service import Runtime
from services.notify.claiming import Claim, claim_next, doubt, is_any_due
from services.notify.composing import compose
from services.notify.failures import (
    NoSuchAddress,
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
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
from services.notify.sent_copies import keep_copy, keep_subject
from services.notify.suppressions import suppress_dead
from services.notify.transports import transport_for
from services.notify.transports.transport import Transport

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
_LARGEST_EXPONENT = 10

log = logger(__name__)
_random = SystemRandom()

_MAIL = table_of(Delivery)
_HAS_BEEN_TOLD_OF = _MAIL.c.state.in_(TOLD_BY_PROVIDER)
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
    )
    .returning(_MAIL.c.recipient_email)
)


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
        if not is_any_due(db, now):
            return 0
    transport = transport_for(runtime.settings)
    with runtime.database.writing() as db:
        claim = claim_next(db, transport, now)
    if claim is not None:
        attempt_and_note(runtime, transport, claim, now)
    return 1


def attempt_and_note(runtime: Runtime, transport: Transport, claim: Claim, now: datetime) -> None:
    """Write and send a claimed mail, with no transaction open meanwhile, and note the outcome."""
    started = time.monotonic()
    delivery = claim.delivery
    with bound_contextvars(correlation_id=delivery.correlation_id, mail_id=str(delivery.id)):
        mail = _composed(runtime, claim)
        outcome = mail if isinstance(mail, Outcome) else _attempt(transport, mail, now)
        ended = now + timedelta(seconds=time.monotonic() - started)
        with runtime.database.writing() as db:
            is_known = note_outcome(db, claim, outcome, transport=transport, now=ended)
            if not is_known:
                forget_messages(db, [delivery.id], Turn(runtime.settings, now))
            elif isinstance(mail, Mail) and outcome.state != QUEUED:
                _keep(db, delivery, mail, now)
            if isinstance(mail, Mail) and outcome.state == ACCEPTED:
                note_invitation(db, delivery, mail)
        log.info("mail attempted", kind=delivery.kind, outcome=outcome.state)


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


def _keep(db: Session, delivery: Delivery, mail: Mail, now: datetime) -> None:
    if delivery.kind in FOR_ITS_READER_ALONE:
        keep_subject(db, mail)
    else:
        keep_copy(db, mail, now)


def _composed(runtime: Runtime, claim: Claim) -> Mail | Outcome:
    """The mail; one that cannot be written must not hold up the others, so staff see why."""
    try:
        settings, letterhead = runtime.settings, claim.letterhead
        return compose(claim.delivery, claim.facts(), settings, letterhead, now=claim.claimed_at)
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


def _accept(db: Session, claim: Claim, outcome: Outcome, now: datetime) -> str | None:
    """Note that it was accepted; returns whose mail it is, None when it is gone."""
    said = {"mail_id": claim.delivery.id, "now": now, "provider_id": outcome.provider_id[:200]}
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
    tried = Attempt(
        id=new_id(),
        delivery_id=claim.delivery.id,
        started_at=claim.claimed_at,
        ended_at=now,
        address=claim.delivery.recipient_email,
        outcome=outcome.state,
        words=outcome.words or outcome.provider_id,
    )
    insert_row(db, tried)


def _pause(attempts: int) -> timedelta:
    """Twice as long after each attempt, more or less, so that many do not come back at once."""
    growing = FIRST_RETRY * (1 << min(attempts - 1, _LARGEST_EXPONENT))
    wait: timedelta = min(growing, LONGEST_RETRY) * _random.uniform(0.75, 1.25)
    return wait
