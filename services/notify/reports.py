"""What a provider reports of a mail after taking it, each report once and in any order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import Database, insert_new, locked
from services.notify.models import (
    ACCEPTED,
    BOUNCED,
    DELIVERED,
    DROPPED,
    SUPERSEDED,
    Delivery,
    ProviderEvent,
)
from services.notify.outcomes import (
    BLOCKED,
    HARD_BOUNCE,
    SPAM_REPORT,
    say_bounced,
    say_delivered,
    say_unsubscribed,
)
from services.notify.outcomes import DROPPED as HELD_BACK
from services.notify.suppressions import ALL, heed_refusal, suppress, suppress_dead

_RANK = {ACCEPTED: 1, DELIVERED: 2, DROPPED: 3, BOUNCED: 4}
"""A report moves a mail up only, so that the last state is the same whatever the order.

A bounce can follow on a delivery, and never the other way round. All other states are ours and
below these: a provider that reports on a mail has it, whatever we believed.
"""
TOLD_BY_PROVIDER = frozenset({DELIVERED, DROPPED, BOUNCED})
"""The states that only a report leads to."""

BOUNCE, BLOCK, DROP = "bounce", "blocked", "dropped"
_REASON_OF = {BOUNCE: HARD_BOUNCE, BLOCK: BLOCKED, DROP: HELD_BACK}
_STATE_OF = {HARD_BOUNCE: BOUNCED, BLOCKED: BOUNCED, HELD_BACK: DROPPED}


@dataclass(frozen=True)
class Report:
    """One report; `id` is the provider's own.

    `kind` is what SendGrid calls it, but for a bounce for this time only, which is `BLOCK`.
    """

    id: str
    kind: str
    at: datetime
    delivery_id: UUID | None = None
    words: str = ""


def receive_reports(database: Database, reports: Sequence[Report], now: datetime) -> Counter[str]:
    """Note each report that is new and let it have its effect; counts what they came to.

    Those of one mail are a transaction, in the order of time. With more in one, two batches at
    once could each hold an address that the other waits for.
    """
    tally: Counter[str] = Counter()
    in_order = sorted(reports, key=lambda each: (str(each.delivery_id), each.at, each.id))
    for _mail, reports_of_it in groupby(in_order, key=lambda each: each.delivery_id):
        with database.writing() as db:
            tally.update([_receive(db, report, now) for report in reports_of_it])
    return tally


def unsubscribe(db: Session, delivery: Delivery, *, at: datetime, now: datetime) -> None:
    """Send no more announcements to where this mail went; once said, it stays so."""
    email = delivery.recipient_email
    if heed_refusal(db, email, at):
        say_unsubscribed(db, delivery, at=at, now=now)


def _receive(db: Session, report: Report, now: datetime) -> str:
    delivery = locked(db, Delivery, report.delivery_id) if report.delivery_id else None
    if delivery is not None and delivery.is_forgotten:
        report = replace(report, words="")  # They would name the address.
    is_new = insert_new(
        db,
        ProviderEvent,
        id=report.id,
        delivery_id=delivery.id if delivery else None,
        kind=report.kind,
        at=report.at,
        words=report.words,
        received_at=now,
    )
    if not is_new:
        return "repeated"
    if delivery is None:
        return "of unknown mail"
    return "applied" if _apply(db, delivery, report, now) else "of unknown kind"


def _apply(db: Session, delivery: Delivery, report: Report, now: datetime) -> bool:
    at, words = report.at, report.words
    match report.kind:
        case "processed" | "deferred":
            _note_accepted(delivery, at=at)
        case "delivered":
            _note_delivered(db, delivery, at=at, words=words, now=now)
        case kind if kind in _REASON_OF:
            _note_bounce(db, delivery, reason=_REASON_OF[kind], words=words, at=at, now=now)
        case "spamreport":
            _note_spam_report(db, delivery, report, now)
        case "unsubscribe" | "group_unsubscribe":
            unsubscribe(db, delivery, at=at, now=now)
        case _:
            return False
    return True


def _note_accepted(delivery: Delivery, *, at: datetime) -> None:
    """The provider has the mail, so it is not sent again.

    `second_copy_possible` stays: who was in doubt may have sent one already.
    """
    if _rises(delivery, ACCEPTED):
        _move(delivery, ACCEPTED, at)
        delivery.settled_at = None


def _note_delivered(
    db: Session, delivery: Delivery, *, at: datetime, now: datetime, words: str = ""
) -> None:
    """The mail has arrived."""
    if _rises(delivery, DELIVERED):
        _move(delivery, DELIVERED, at)
        say_delivered(db, delivery, at=at, words=words, now=now)


def _note_bounce(
    db: Session, delivery: Delivery, *, reason: str, words: str, at: datetime, now: datetime
) -> None:
    """Staff are told once; an address that does not exist gets no more mail for a while."""
    if reason == HARD_BOUNCE:
        suppress_dead(db, delivery.recipient_email, words=words, at=at, now=now)
    state = _STATE_OF[reason]
    if _rises(delivery, state):
        _move(delivery, state, at)
        delivery.error = words
        say_bounced(db, delivery, reason=reason, words=words, at=at, now=now)


def _note_spam_report(db: Session, delivery: Delivery, report: Report, now: datetime) -> None:
    """Whoever calls a mail spam has it; nothing more goes there until staff say otherwise."""
    at, words, email = report.at, report.words, delivery.recipient_email
    _note_delivered(db, delivery, at=at, now=now)
    suppress(db, email, stream=ALL, reason=SPAM_REPORT, words=words, now=now)
    say_bounced(db, delivery, reason=SPAM_REPORT, words=words, at=at, now=now)


def _rises(delivery: Delivery, state: str) -> bool:
    return _RANK.get(delivery.state, 0) < _RANK[state]


def _move(delivery: Delivery, state: str, at: datetime) -> None:
    if delivery.state == SUPERSEDED or not delivery.second_copy_possible:
        delivery.error = ""
    delivery.state, delivery.settled_at = state, at
    delivery.accepted_at = delivery.accepted_at or at
