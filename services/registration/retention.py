"""How registration forgets what `kept.RETENTION` keeps no longer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.kept import Purge, Turn, purge_rows
from services.registration.anonymity import anonymise
from services.registration.models import (
    HistoryEntry,
    Need,
    Person,
    Registration,
    StaffTask,
    StoredAnswer,
    WorkshopSession,
)
from services.registration.person_models import EXPORT, PersonRequest
from services.registration.sending_models import GroupMessage, RosterOpening, RosterRecipient
from services.registration.sign_in_models import SignInDelay, StaffSignIn

Keys = Sequence[Any]
_NAMES_RECIPIENT = ("recipient_added", "recipient_removed")


def _over(cutoff: datetime) -> sa.ColumnElement[bool]:
    """Whether the last day was before the day of a moment."""
    return WorkshopSession.ends_on < cutoff.date()


def _old_needs(cutoff: datetime) -> sa.Select[Any]:
    """Few have needs: SQLite, left to itself, would begin with everybody's registrations."""
    is_theirs = Registration.id == Need.registration_id
    session = sa.select(Registration).join(WorkshopSession).where(is_theirs, _over(cutoff))
    return sa.select(Need.registration_id).where(session.exists())


def _forget_needs(db: Session, keys: Keys, _turn: Turn) -> None:
    db.execute(sa.delete(Need).where(Need.registration_id.in_(keys)))


def _old_registrations(cutoff: datetime) -> sa.Select[Any]:
    query = sa.select(Registration.id).join(WorkshopSession)
    return query.where(Registration.forgotten_at.is_(None), _over(cutoff))


def _forget_registrations(db: Session, keys: Keys, turn: Turn) -> None:
    query = sa.select(Registration).where(Registration.id.in_(keys)).with_for_update()
    anonymise(db, db.scalars(query).all(), turn.now)


def _old_readers(cutoff: datetime) -> sa.Select[Any]:
    return sa.select(RosterRecipient.id).join(WorkshopSession).where(_over(cutoff))


def _forget_readers(db: Session, keys: Keys, _turn: Turn) -> None:
    named = sa.select(RosterRecipient.session_id).where(RosterRecipient.id.in_(keys))
    entries = sa.update(HistoryEntry).where(
        HistoryEntry.session_id.in_(named), HistoryEntry.action.in_(_NAMES_RECIPIENT)
    )
    db.execute(entries.values(reason=""), execution_options={"synchronize_session": False})
    db.execute(sa.delete(RosterOpening).where(RosterOpening.recipient_id.in_(keys)))
    db.execute(sa.delete(RosterRecipient).where(RosterRecipient.id.in_(keys)))


def _old_tasks(cutoff: datetime) -> sa.Select[Any]:
    has_words = sa.or_(StaffTask.words != "", StaffTask.outcome != "")
    return sa.select(StaffTask.id).where(StaffTask.done_at < cutoff, has_words)


def _forget_tasks(db: Session, keys: Keys, _turn: Turn) -> None:
    rows = sa.update(StaffTask).where(StaffTask.id.in_(keys))
    db.execute(rows.values(words="", outcome=""))


def _unused_addresses(cutoff: datetime) -> sa.Select[Any]:
    is_used = sa.exists().where(Registration.person_id == Person.id)
    return sa.select(Person.id).where(Person.created_at < cutoff, ~is_used)


def _forget_addresses(db: Session, keys: Keys, _turn: Turn) -> None:
    is_used = sa.exists().where(Registration.person_id == Person.id)
    db.execute(sa.delete(Person).where(Person.id.in_(keys), ~is_used))


def _old_requests(cutoff: datetime) -> sa.Select[Any]:
    is_spent = sa.or_(PersonRequest.kind == EXPORT, PersonRequest.begun_at.is_(None))
    return sa.select(PersonRequest.id).where(PersonRequest.asked_at < cutoff, is_spent)


def _forget_requests(db: Session, keys: Keys, _turn: Turn) -> None:
    db.execute(sa.delete(PersonRequest).where(PersonRequest.id.in_(keys)))


PURGES = (
    Purge("needs", _old_needs, _forget_needs),
    Purge("registrations", _old_registrations, _forget_registrations),
    Purge("roster_readers", _old_readers, _forget_readers),
    purge_rows("group_messages", GroupMessage.id, GroupMessage.sent_at),
    Purge("tasks", _old_tasks, _forget_tasks),
    Purge("requests", _old_requests, _forget_requests),
    purge_rows("stored_answers", StoredAnswer.key, StoredAnswer.created_at),
    Purge("unused_addresses", _unused_addresses, _forget_addresses),
    purge_rows("sign_ins", StaffSignIn.id, StaffSignIn.until),
    purge_rows("sign_in_tries", SignInDelay.key, SignInDelay.last_at),
)
