"""What a transaction reads once, however many events are handled in it."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

_KEPT = "read once"


def read_once(db: Session, query: sa.Executable) -> Sequence[sa.Row[Any]]:
    """The rows of a query, one object without parameters, as the transaction first found them.

    For what changes seldom and by others: an event is then handled as if it had come a moment
    earlier.
    """
    kept: dict[sa.Executable, Sequence[sa.Row[Any]]] = db.info.setdefault(_KEPT, {})
    if query not in kept:
        kept[query] = db.execute(query).all()
    return kept[query]
