"""The audit log: who saw, took away or changed what, in a chain that shows what was tampered with.

Each entry's digest covers the entry and the digest before it. An entry that was changed, taken out
or put in breaks the chain at its place; entries cut off at the end no longer fit the head.
Entries hold ids and names of fields, never what a member wrote: the log outlives its subjects.
Each digest goes to the log files too, which are kept elsewhere: `turnout audit verify --head`
compares it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, insert_new, locked
from services.chassis.log import logger

log = logger(__name__)

_HEAD = 1
_PAGE = 1_000


@dataclass(frozen=True)
class Act:
    """Something that somebody did.

    `actor_id` is an account's id, or the name of what is no account, such as `command line`;
    `subject` is what it was done to, as `session:<id>`, empty for what is about all.
    """

    actor_id: str
    actor: str
    role: str
    action: str
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


class AuditEntry(ChassisBase):
    """One act; numbers have no gaps, and nothing but retention ever takes an entry away."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[str] = mapped_column(sa.String(80))
    actor: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(20))
    action: Mapped[str] = mapped_column(sa.String(60))
    subject: Mapped[str] = mapped_column(sa.String(120), index=True)
    details: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))


class AuditHead(ChassisBase):
    """Where the chain begins and ends; its one row is what writers take turns at.

    `forgotten` is the number of the newest entry that retention has taken away, and `anchor` its
    digest: the oldest entry that is kept follows it.
    """

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    forgotten: Mapped[int] = mapped_column(default=0)
    anchor: Mapped[str] = mapped_column(sa.String(64), default="")


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted: about any of some subjects, by somebody whose name or id it is."""

    subjects: frozenset[str] = frozenset()
    by: str = ""
    since: datetime | None = None
    older_than: int | None = None


def append(db: Session, act: Act, now: datetime) -> None:
    """Write an act down in the transaction that it belongs to, and its digest in the log files.

    It takes the head's lock, which every transaction must take last.
    """
    head = _locked_head(db)
    entry = AuditEntry(
        number=head.last + 1,
        at=now,
        actor_id=act.actor_id,
        actor=act.actor,
        role=act.role,
        action=act.action,
        subject=act.subject,
        details=dict(act.details),
    )
    entry.digest = _digest(head.digest, entry)
    db.add(entry)
    head.last, head.digest = entry.number, entry.digest
    log.info("act written down", number=entry.number, digest=entry.digest)


def broken_at(db: Session) -> int | None:
    """The number of the first entry that does not fit the chain; None when the chain is whole."""
    head = db.get(AuditHead, _HEAD) or AuditHead(last=0, digest="", forgotten=0, anchor="")
    number, digest = head.forgotten, head.anchor
    query = sa.select(AuditEntry).order_by(AuditEntry.number)
    with closing(db.scalars(query.execution_options(yield_per=_PAGE))) as entries:
        for entry in entries:
            number += 1
            if entry.number != number or entry.digest != _digest(digest, entry):
                return number
            digest = entry.digest
    return None if (number, digest) == (head.last, head.digest) else number + 1


def head_of(db: Session) -> tuple[int, str]:
    """How many entries there have ever been, and the newest one's digest."""
    head = db.get(AuditHead, _HEAD)
    return (head.last, head.digest) if head else (0, "")


def is_part(db: Session, number: int, digest: str) -> bool:
    """Whether the entry of this number has this digest, as was noted outside the database.

    Whoever can write to the database can make a whole new chain; only this shows it.
    """
    head = db.get(AuditHead, _HEAD)
    if head and number == head.forgotten:
        return digest == head.anchor
    entry = db.get(AuditEntry, number)
    return entry is not None and entry.digest == digest


def found_entries(db: Session, wanted: AuditFilter, most: int) -> Sequence[AuditEntry]:
    """The newest entries that fit, at most so many, the newest first."""
    query = sa.select(AuditEntry)
    if wanted.subjects:
        query = query.where(AuditEntry.subject.in_(sorted(wanted.subjects)))
    if wanted.by:
        query = query.where(sa.or_(AuditEntry.actor == wanted.by, AuditEntry.actor_id == wanted.by))
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.older_than is not None:
        query = query.where(AuditEntry.number < wanted.older_than)
    return db.scalars(query.order_by(AuditEntry.number.desc()).limit(most)).all()


def forget_entries(db: Session, numbers: Sequence[int]) -> None:
    """Take away the oldest entries, up to the newest of these; what is kept stays a whole chain."""
    newest = db.get_one(AuditEntry, max(numbers))
    head = _locked_head(db)
    head.forgotten, head.anchor = newest.number, newest.digest
    db.execute(sa.delete(AuditEntry).where(AuditEntry.number <= newest.number))


def _locked_head(db: Session) -> AuditHead:
    insert_new(db, AuditHead, id=_HEAD, last=0, digest="", forgotten=0, anchor="")
    head = locked(db, AuditHead, _HEAD)
    if head is None:
        raise LookupError("the head of the audit log is gone")
    return head


def _digest(before: str, entry: AuditEntry) -> str:
    facts = {
        column.key: getattr(entry, column.key)
        for column in AuditEntry.__table__.columns
        if column.key != "digest"
    }
    facts["at"] = entry.at.isoformat()
    written = json.dumps([before, facts], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()
