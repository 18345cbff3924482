"""The trail of a request: what it changed for staff, and whose data it showed, is written down.

What a transaction changes is written in that transaction. What is only shown has one of its own,
before the answer leaves: nobody sees what could not be written down.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import g, has_request_context, request
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.audit import Act, append
from services.chassis.rules import LINK, Action
from services.chassis.running import runtime
from services.chassis.staff import StaffMember

Answer = TypeVar("Answer")

LONGEST_CODE = 20
"""A longer text can be somebody's words, of which the log keeps only that they changed."""
_MOST_ROWS = 50
_PLUMBING = frozenset({"outbox", "subject_sequence", "audit_entry", "audit_head"})


@dataclass
class Trail:
    """What one request has shown, and what its present transaction has changed so far."""

    act: Act
    now: datetime
    shown: set[str] = field(default_factory=set)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)

    def write(self, db: Session) -> None:
        """Append the act, and begin anew: each transaction has an entry of its own."""
        found = {"shown": sorted(self.shown), "changed": self.changed, "rows": dict(self.rows)}
        details = {**self.act.details} | {name: what for name, what in found.items() if what}
        append(db, replace(self.act, details=details), self.now)
        self.shown, self.changed, self.rows = set(), {}, Counter()

    def note(self, db: Session) -> None:
        """Take note of what is about to be flushed."""
        for what, rows in (("added", db.new), ("removed", db.deleted)):
            self.rows.update(f"{what} {row.__tablename__}" for row in rows if _matters(row))
        for row in db.dirty:
            if _matters(row) and (fields := _changed_fields(row)):
                self.rows[f"changed {row.__tablename__}"] += 1
                if len(self.changed) < _MOST_ROWS:
                    self.changed.setdefault(_name(row), {}).update(fields)


def follow(
    action: Action, member: StaffMember | None, answer: Callable[[], Answer], *, now: datetime
) -> Answer:
    """Answer a request and write down what came of it; what shows and changes nothing is nothing.

    Whoever comes by a link has no account: the entry says which link's thing it was.
    """
    if member is None and not action.is_recorded:
        return answer()
    g.trail = trail = Trail(_act(action, member), now)
    if action.is_recorded:
        trail.shown.add(action.name)
    try:
        given = answer()
        if trail.shown and not _leads_on(given):
            with runtime().database.writing():
                pass
        return given
    finally:
        g.trail = None


def _leads_on(answer: Any) -> bool:
    """Whether the answer is another address, which shows nothing yet: a link from a mail is one."""
    return isinstance(answer, Response) and 300 <= answer.status_code < 400


def note_shown(action: Action) -> None:
    """Keep that this request shows what an action lets somebody see."""
    if trail := _present():
        trail.shown.add(action.name)


def _act(action: Action, member: StaffMember | None) -> Act:
    given = (request.view_args or {}).items()
    ids = [f"{name.removesuffix('_id')}:{value}" for name, value in given if _is_id(value)]
    details = {"method": request.method, "route": str(request.url_rule)}
    who = (str(member.id), member.name, member.role) if member else (LINK, "", LINK)
    return Act(*who, action.name, ids[-1] if ids else "", details)


def _is_id(value: Any) -> bool:
    return isinstance(value, UUID)


def _matters(row: Any) -> bool:
    return row.__tablename__ not in _PLUMBING


def _changed_fields(row: Any) -> dict[str, Any]:
    """Each changed column with its value before and after, or None where it can be words."""
    state = sa.inspect(row)
    columns = {each.key: each.columns[0] for each in state.mapper.column_attrs}
    histories = {key: state.attrs[key].history for key in columns}
    return {
        key: [_plain(history.deleted), _plain(history.added)] if _is_code(columns[key]) else None
        for key, history in histories.items()
        if history.has_changes()
    }


def _is_code(column: Any) -> bool:
    if isinstance(column.type, sa.String):
        return (column.type.length or LONGEST_CODE + 1) <= LONGEST_CODE
    return not isinstance(column.type, sa.JSON | sa.LargeBinary)


def _plain(values: Any) -> Any:
    value = values[0] if values else None
    return value if isinstance(value, bool | int | str | None) else str(value)


def _name(row: Any) -> str:
    key = sa.inspect(row).mapper.primary_key_from_instance(row)
    return f"{row.__tablename__}:{'/'.join(map(str, key))}"


def _present() -> Trail | None:
    return g.get("trail") if has_request_context() else None


@event.listens_for(Session, "before_flush")
def _note_changes(db: Session, _context: Any, _instances: Any) -> None:
    if trail := _present():
        trail.note(db)


@event.listens_for(Session, "before_commit")
def _write_act(db: Session) -> None:
    if trail := _present():
        db.flush()
        trail.write(db)
