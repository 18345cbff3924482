"""The sender: claims a few mails that are due, sends them side by side, notes the outcomes.

They are sent outside any transaction. While others wait, the notes and the next claims share one.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from services.chassis.config import Settings
from services.chassis.kept import Turn
from services.chassis.log import logger
from services.chassis.service import Runtime
from services.notify.claiming import AT_ONCE, Claim, claim_due, is_any_due
from services.notify.composing import compose
from services.notify.failures import (
    NoSuchAddress,
    OutcomeUnknown,
    PermanentFailure,
    ProviderResting,
    TemporaryFailure,
)
from services.notify.message import Mail
from services.notify.models import ACCEPTED, FAILED, QUEUED, UNKNOWN
from services.notify.noting import Outcome, concerning, note
from services.notify.suppressions import address_key
from services.notify.transports import transport_for
from services.notify.transports.transport import Transport

LONGEST_TURN = timedelta(seconds=1)
"""So long a sender goes from mail to mail before it looks whether it has to stop."""

log = logger(__name__)
_side_by_side = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="notify.mail")


def send_due(runtime: Runtime, now: datetime) -> int:
    """Deal with mails that are due, a few side by side; returns with how many.

    It returns when there are no more, after `LONGEST_TURN`, or when of the next none may go.
    """
    if not is_any_due(runtime.database, now):
        return 0
    transport = transport_for(runtime.settings)
    with runtime.database.writing() as db:
        claims = claim_due(db, transport, now)
    sent = 0
    while claims:
        sent += len(claims)
        moment = claims[0].claimed_at
        goes_on = moment - now < LONGEST_TURN
        claims = attempt_and_note(runtime, transport, claims, moment, goes_on=goes_on)
    return max(sent, 1)


def attempt_and_note(
    runtime: Runtime,
    transport: Transport,
    claims: Sequence[Claim],
    now: datetime,
    *,
    goes_on: bool = False,
) -> list[Claim]:
    """Write and send claimed mails, with no transaction open meanwhile, and note the outcomes.

    A sender that goes on gets its next claims, made in the same transaction as the notes.
    """
    started = time.monotonic()
    attempt = partial(_attempt, runtime.settings, transport, now)
    attempted = list(zip(claims, _side_by_side.map(attempt, claims), strict=True))
    turn = Turn(runtime.settings, now + timedelta(seconds=time.monotonic() - started))
    try:
        with runtime.database.writing() as db:
            for claim, outcome in sorted(attempted, key=_by_address):
                note(db, claim, outcome, transport, turn)
            following = claim_due(db, transport, turn.now) if goes_on else []
    except Exception:  # What is wrong with one must not cost what is known of the others.
        for claim, outcome in attempted:
            _note_alone(runtime, claim, outcome, transport, turn)
        raise
    for claim, outcome in attempted:
        with concerning(claim):
            log.info("mail attempted", kind=claim.delivery.kind, outcome=outcome.state)
    return following


def _by_address(attempted: tuple[Claim, Outcome]) -> str:
    """In the order in which `reports` locks addresses, so that no two wait for each other's."""
    return address_key(attempted[0].delivery.recipient_email)


def _note_alone(
    runtime: Runtime, claim: Claim, outcome: Outcome, transport: Transport, turn: Turn
) -> None:
    try:
        with runtime.database.writing() as db:
            note(db, claim, outcome, transport, turn)
    except Exception:
        with concerning(claim):
            log.exception("outcome of a mail not noted", outcome=outcome.state)


def _attempt(settings: Settings, transport: Transport, now: datetime, claim: Claim) -> Outcome:
    """Write it and send it; one that cannot be written must not hold up the others."""
    with concerning(claim):
        try:
            facts, at = claim.facts(), claim.claimed_at
            mail = compose(claim.delivery, facts, settings, claim.letterhead, now=at)
        except PermanentFailure as problem:
            return Outcome(FAILED, str(problem))
        except Exception as problem:
            log.exception("mail cannot be written", kind=claim.delivery.kind)
            words = f"The mail cannot be written: {type(problem).__name__}: {problem}"
            return Outcome(FAILED, words)
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
