"""How notify forgets what `kept.RETENTION` keeps no longer."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.kept import Purge, Turn, purge_rows
from services.notify.deliveries import search_text
from services.notify.facts import last_day, without_people
from services.notify.kinds import ROSTER
from services.notify.models import (
    Attempt,
    Delivery,
    ProviderEvent,
    SentCopy,
    SubjectState,
    Suppression,
)
from services.notify.transports import folder_of

Keys = Sequence[Any]


def _old_messages(cutoff: datetime) -> sa.Select[Any]:
    oldest = sa.select(SentCopy.delivery_id).where(SentCopy.stored_at < cutoff)
    return oldest.order_by(SentCopy.stored_at)


def _old_rosters(cutoff: datetime) -> sa.Select[Any]:
    return _old_messages(cutoff).join(Delivery).where(Delivery.kind == ROSTER)


def forget_messages(db: Session, keys: Keys, turn: Turn) -> None:
    """Delete mails as they were sent, here and in the mail folder; what became of them stays."""
    db.execute(sa.delete(SentCopy).where(SentCopy.delivery_id.in_(keys)))
    if folder := folder_of(turn.settings):
        for key in keys:
            Path(folder / f"{key}.eml").unlink(missing_ok=True)


def _unneeded_facts(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(Delivery.id).where(Delivery.needed_until < cutoff)


def _forget_facts(db: Session, keys: Keys, turn: Turn) -> None:
    """Keep of what mails were written from only what is about nobody.

    Of a session that was put off, they are needed until its new last day.
    """
    query = sa.select(Delivery).where(Delivery.id.in_(keys)).with_for_update()
    for delivery in db.scalars(query):
        moved_to = _moved_to(db, delivery)
        if moved_to and delivery.needed_until and moved_to > delivery.needed_until:
            delivery.needed_until = moved_to
        else:
            delivery.context, delivery.needed_until = without_people(delivery.context), None


def _moved_to(db: Session, delivery: Delivery) -> datetime | None:
    state = db.get(SubjectState, delivery.subject_id)
    return last_day(state.when_and_where) if state and delivery.kind != ROSTER else None


def _old_log(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(Delivery.id).where(
        Delivery.created_at < cutoff, Delivery.recipient_email != ""
    )


def _forget_recipients(db: Session, keys: Keys, _turn: Turn) -> None:
    for delivery in db.scalars(sa.select(Delivery).where(Delivery.id.in_(keys))):
        forget_recipient(delivery)
    of_these = sa.select(Delivery.subject_id).where(Delivery.id.in_(keys))
    states = sa.update(SubjectState).where(SubjectState.registration_id.in_(of_these))
    db.execute(states.values(email=""), execution_options={"synchronize_session": False})


def forget_recipient(delivery: Delivery) -> None:
    """Keep of a mail its kind, its state and its dates."""
    delivery.recipient_name = delivery.recipient_email = ""
    delivery.mail_subject = delivery.error = ""
    delivery.search_text = search_text("", "", delivery.context.get("session"))


def _old_tries(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(Attempt.id).where(Attempt.ended_at < cutoff, Attempt.address != "")


def _forget_tries(db: Session, keys: Keys, _turn: Turn) -> None:
    db.execute(sa.update(Attempt).where(Attempt.id.in_(keys)).values(address="", words=""))


def _old_reports(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(ProviderEvent.id).where(
        ProviderEvent.received_at < cutoff, ProviderEvent.words != ""
    )


def _forget_reports(db: Session, keys: Keys, _turn: Turn) -> None:
    db.execute(sa.update(ProviderEvent).where(ProviderEvent.id.in_(keys)).values(words=""))


PURGES = (
    Purge("messages", _old_messages, forget_messages),
    Purge("rosters", _old_rosters, forget_messages),
    Purge("mail_facts", _unneeded_facts, _forget_facts),
    Purge("mail_servers_words", _old_tries, _forget_tries),
    Purge("mail_reports", _old_reports, _forget_reports),
    Purge("mail_log", _old_log, _forget_recipients),
    purge_rows("ended_stops", Suppression.id, Suppression.until),
)
