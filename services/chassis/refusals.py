"""Messages that a worker turned away unread: one row for each reason, however many there were.

They go into the inbox's table, where staff look for what was not handled. Nothing that they said
is kept, for anybody may have written them; a flood of them fills nothing.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, uuid5

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.chassis.inbox import REFUSED, InboxRow
from services.chassis.seals import BAD_SEAL, UNKNOWN_KEY, UNSEALED

UNREADABLE, TOO_LARGE, TOO_DEEP = "unreadable", "too_large", "too_deep"

REASONS: Mapping[str, str] = {
    UNSEALED: _("They had no seal: an older version sent them, or somebody else."),
    UNKNOWN_KEY: _(
        "Their seal is of another key: the services have different secret keys, "
        "or somebody else sent them."
    ),
    BAD_SEAL: _("Their seal does not fit what they say: somebody changed or copied them."),
    UNREADABLE: _("They could not be read as messages at all."),
    TOO_LARGE: _("They were larger than any of our messages."),
    TOO_DEEP: _("They were nested deeper than any of our messages."),
}


def count_refusal(db: Session, reason: str, now: datetime) -> int:
    """Note one more; returns how many there have been for this reason."""
    event_id = uuid5(NAMESPACE_OID, f"turnout.refused.{reason}")
    nobody = {"producer": "unknown", "type": "unknown", "subject": "unknown"}
    blank = {"received_at": now, "outcome": REFUSED, "attempts": 0, "error": reason}
    insert_new(db, InboxRow, event_id=event_id, **nobody, **blank)
    one_more = {"attempts": InboxRow.attempts + 1, "received_at": now}
    query = sa.update(InboxRow).where(InboxRow.event_id == event_id).values(**one_more)
    return int(db.execute(query.returning(InboxRow.attempts)).scalar_one())


def refusals(db: Session) -> list[tuple[str, int, datetime]]:
    """Why messages were refused, how many for each reason, and when the last one was."""
    query = sa.select(InboxRow).where(InboxRow.outcome == REFUSED)
    rows = db.scalars(query.order_by(InboxRow.received_at.desc()))
    return [(REASONS[row.error], row.attempts, row.received_at) for row in rows]


def last_refusal(db: Session) -> datetime:
    """When a message was last refused; the beginning of time when none was."""
    query = sa.select(sa.func.max(InboxRow.received_at)).where(InboxRow.outcome == REFUSED)
    return db.scalar(query) or datetime.min.replace(tzinfo=UTC)
