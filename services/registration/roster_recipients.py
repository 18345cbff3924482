"""Who gets a session's rosters: those the catalog names, and those whom staff add."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.ids import new_id
from services.chassis.staff import StaffMember
from services.registration.history import TURNOUT, note
from services.registration.models import WorkshopSession
from services.registration.sending_models import RosterOpening, RosterRecipient
from services.registration.telling import facts_of

FACILITATOR, HOST, ADDED = "facilitator", "host", "added"
_ROLES = (FACILITATOR, HOST, ADDED)

Told = dict[str, tuple[str, dict[str, str]]]
"""Role and contact by the address without regard to case."""


class RecipientRefused(Exception):
    """Somebody who cannot be added or removed; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class RecipientLine:
    """A recipient with the times at which they opened the roster by their link."""

    recipient: RosterRecipient
    openings: int
    opened_at: datetime | None


def recipients_of(db: Session, session_id: UUID) -> list[RosterRecipient]:
    """Who gets the roster now: facilitators, host, then those whom staff added."""
    query = sa.select(RosterRecipient).where(
        RosterRecipient.session_id == session_id, RosterRecipient.removed_at.is_(None)
    )
    rows = db.scalars(query.order_by(RosterRecipient.id))
    return sorted(rows, key=lambda each: (_ROLES.index(each.role), each.name.casefold()))


def recipient_lines(db: Session, session_id: UUID) -> list[RecipientLine]:
    """The same with what is known of their opening it."""
    columns = (RosterOpening.recipient_id, sa.func.count(), sa.func.max(RosterOpening.at))
    counted = sa.select(*columns).join(
        RosterRecipient, RosterRecipient.id == RosterOpening.recipient_id
    )
    counted = counted.where(RosterRecipient.session_id == session_id)
    rows = db.execute(counted.group_by(RosterOpening.recipient_id))
    opened = {recipient_id: (count, at) for recipient_id, count, at in rows}
    return [
        RecipientLine(each, *opened.get(each.id, (0, None)))
        for each in recipients_of(db, session_id)
    ]


def colleagues(db: Session, session_id: UUID) -> Sequence[StaffMember]:
    """The staff accounts that could be added."""
    taken = {each.email_key for each in recipients_of(db, session_id)}
    query = sa.select(StaffMember).where(StaffMember.active)
    rows = db.scalars(query.order_by(StaffMember.name))
    return [each for each in rows if each.email.casefold() not in taken]


def keep_in_step(
    db: Session, session: WorkshopSession, before: dict[str, Any] | None, *, now: datetime
) -> None:
    """Follow the catalog: whom it names anew is added, whom it no longer names is removed.

    Somebody whom staff removed stays removed while the catalog goes on naming them.
    """
    facts = facts_of(session)
    told, known = _told(facts), _told(before) if before else {}
    rows = _rows(db, session.id)
    for key, (role, contact) in told.items():
        row = rows.get(key)
        if row is None or row.removed_at is None or key not in known:
            _put(db, session, row, contact, role=role)
    for key in known.keys() - told.keys():
        _forget(db, session, rows.get(key), actor=facts["actor"] or TURNOUT, now=now)


def add_colleague(
    db: Session, session: WorkshopSession, staff_id: UUID, *, actor: str, now: datetime
) -> RosterRecipient:
    """Add somebody who has a staff account; RecipientRefused: unknown_staff, there_already."""
    member = db.get(StaffMember, staff_id)
    if member is None or not member.active:
        raise RecipientRefused("unknown_staff")
    contact = {"name": member.name, "email": member.email, "language": member.language}
    return add_recipient(db, session, contact, actor=actor, now=now)


def add_recipient(
    db: Session,
    session: WorkshopSession,
    contact: dict[str, str],
    *,
    actor: str,
    now: datetime,
) -> RosterRecipient:
    """Add anybody, whose row the session's lock guards; RecipientRefused: there_already."""
    key = contact["email"].casefold()
    row = _rows(db, session.id).get(key)
    if row is not None and row.removed_at is None:
        raise RecipientRefused("there_already")
    role, _contact = _told(facts_of(session)).get(key, (ADDED, contact))
    row = _put(db, session, row, contact, role=role)
    row.added_by = actor
    note(db, session, "recipient_added", now=now, actor=actor, reason=row.name)
    return row


def remove_recipient(
    db: Session, session: WorkshopSession, recipient_id: UUID, *, actor: str, now: datetime
) -> RosterRecipient:
    """Take somebody off, so that their link is dead; RecipientRefused: gone_already."""
    row = db.get(RosterRecipient, recipient_id)
    if row is None or row.session_id != session.id or row.removed_at is not None:
        raise RecipientRefused("gone_already")
    row.removed_at, row.added_by = now, ""
    note(db, session, "recipient_removed", now=now, actor=actor, reason=row.name)
    return row


def record_opening(db: Session, recipient_id: UUID, form: str, now: datetime) -> None:
    """Keep that somebody opened the roster, once for each form and minute."""
    locked(db, RosterRecipient, recipient_id)
    query = sa.select(RosterOpening.id).where(
        RosterOpening.recipient_id == recipient_id,
        RosterOpening.form == form,
        RosterOpening.at >= now.replace(second=0, microsecond=0),
    )
    if db.scalar(query.limit(1)) is None:
        db.add(RosterOpening(recipient_id=recipient_id, form=form, at=now))


def _told(facts: dict[str, Any]) -> Told:
    """Facilitators and host, each address once; a facilitator who is the host as well is one."""
    people = [(FACILITATOR, each) for each in facts["facilitators"]]
    people += [(HOST, facts["host"])] if facts["host"] else []
    return {each["email"].casefold(): (role, each) for role, each in reversed(people)}


def _rows(db: Session, session_id: UUID) -> dict[str, RosterRecipient]:
    query = sa.select(RosterRecipient).where(RosterRecipient.session_id == session_id)
    return {each.email_key: each for each in db.scalars(query)}


def _put(
    db: Session,
    session: WorkshopSession,
    row: RosterRecipient | None,
    contact: dict[str, str],
    *,
    role: str,
) -> RosterRecipient:
    """A live row for a contact: the one that was removed, or a new one."""
    if row is None:
        key = contact["email"].casefold()
        row = RosterRecipient(id=new_id(), session_id=session.id, email_key=key, added_by="")
        db.add(row)
    row.email, row.name, row.language = (contact[each] for each in ("email", "name", "language"))
    row.role, row.removed_at = role, None
    return row


def _forget(
    db: Session,
    session: WorkshopSession,
    row: RosterRecipient | None,
    *,
    actor: str,
    now: datetime,
) -> None:
    """Take off somebody whom the catalog no longer names, unless staff added them as well."""
    if row is None or row.removed_at is not None:
        return
    if row.added_by:
        row.role = ADDED
        return
    row.removed_at = now
    note(db, session, "recipient_removed", now=now, actor=actor, reason=row.name)
