"""The sender: claims a mail that is due, sends it outside any transaction, notes the outcome.

While others wait, the note and the next claim share a transaction, so that there is one for each.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import SystemRandom

import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from services.chassis.config import Settings
from services.chassis.db import locked, table_of
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
from services.notify.sent_copies import keep_copy
from services.notify.suppressions import suppress_dead
from services.notify.transports import transport_for
from services.notify.transports.transport import Transport

LONGEST_TURN = timedelta(seconds=1)
"""So long a sender goes from mail to mail before it looks whether it has to stop."""

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=5)
_LARGEST_EXPONENT = 10

log = logger(__name__)
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


def send_due(runtime: Runtime, now: datetime) -> int:
    """Deal with mails that are due, one after the other; returns with how many.

    It returns when there are no more, after `LONGEST_TURN`, or at one that may not go.
    """
    if not is_any_due(runtime.database, now):
        return 0
    transport = transport_for(runtime.settings)
    with runtime.database.writing() as db:
        claim = claim_next(db, transport, now)
    sent = 0
    while claim is not None:
        goes_on = claim.claimed_at - now < LONGEST_TURN
        claim = attempt_and_note(runtime, transport, claim, claim.claimed_at, goes_on=goes_on)
        sent += 1
    return max(sent, 1)


def attempt_and_note(
    runtime: Runtime, transport: Transport, claim: Claim, now: datetime, *, goes_on: bool = False
) -> Claim | None:
    """Write and send a claimed mail, with no transaction open meanwhile, and note the outcome.

    A sender that goes on gets its next claim, made in the same transaction as the note.
    """
    started = time.monotonic()
    delivery = claim.delivery
    with bound_contextvars(correlation_id=delivery.correlation_id, mail_id=str(delivery.id)):
        outcome = _attempt(runtime.settings, transport, claim, now)
        turn = Turn(runtime.settings, now + timedelta(seconds=time.monotonic() - started))
        try:
            with runtime.database.writing() as db:
                _note(db, claim, outcome, transport, turn)
                following = claim_next(db, transport, turn.now) if goes_on else None
        except Exception:
            if goes_on:  # What is wrong with the next must not cost what is known of this one.
                with runtime.database.writing() as db:
                    _note(db, claim, outcome, transport, turn)
            raise
        log.info("mail attempted", kind=delivery.kind, outcome=outcome.state)
    return following


def _note(db: Session, claim: Claim, outcome: Outcome, transport: Transport, turn: Turn) -> None:
    """The outcome, with the copy and the invitation that went out."""
    mail, kind = outcome.mail, claim.delivery.kind
    is_kept = outcome.state != QUEUED and kind not in FOR_ITS_READER_ALONE
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


def _attempt(settings: Settings, transport: Transport, claim: Claim, now: datetime) -> Outcome:
    """Write it and send it; one that cannot be written must not hold up the others."""
    try:
        facts, at = claim.facts(), claim.claimed_at
        mail = compose(claim.delivery, facts, settings, claim.letterhead, now=at)
    except PermanentFailure as problem:
        return Outcome(FAILED, str(problem))
    except Exception as problem:
        log.exception("mail cannot be written", kind=claim.delivery.kind)
        return Outcome(FAILED, f"The mail cannot be written: {type(problem).__name__}: {problem}")
    return _handed_over(transport, mail, now)


def _handed_over(transport: Transport, mail: Mail, now: datetime) -> Outcome:
    """Send; what nobody foresaw may have happened after the mail was out, so it is in doubt."""
    try:
        return Outcome(ACCEPTED, mail=mail, provider_id=transport.send(mail, now))
    except TemporaryFailure as problem:
        rests_all, wish = isinstance(problem, ProviderResting), problem.not_before
        return Outcome(QUEUED, str(problem), mail, not_before=wish, rests_all=rests_all)
    except PermanentFailure as problem:
        is_dead = isinstance(problem, NoSuchAddress)
        return Outcome(FAILED, str(problem), mail, is_dead_address=is_dead)
    except OutcomeUnknown as problem:
        return Outcome(UNKNOWN, str(problem), mail)
    except Exception as problem:
        log.exception("mail transport failed")
        return Outcome(UNKNOWN, f"{type(problem).__name__}: {problem}", mail)


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
