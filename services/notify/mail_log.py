"""The mail log: finds mails by person, session, state, kind, day and message to a group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.areas import in_areas
from services.chassis.db import Database
from services.notify.deliveries import search_key
from services.notify.models import STATES, Delivery

PAGE = 50
LONGEST_EXPORT = 10_000
_ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class LogFilter:
    """What to look for; what is empty finds everything.

    `areas` are those that the reader is limited to.
    """

    text: str = ""
    session_id: UUID | None = None
    batch_id: UUID | None = None
    state: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Progress:
    """How far a message to a group has come, in the order in which staff care about states.

    `expected` are its mails that have not reached notify yet.
    """

    size: int
    counts: Sequence[tuple[str, int]]

    @property
    def expected(self) -> int:
        """How many there will be more."""
        return self.size - sum(count for _state, count in self.counts)


def found_mail(db: Session, wanted: LogFilter, page: int) -> tuple[Sequence[Delivery], int]:
    """One page of the mails that fit, counted from 1, the newest first; and how many fit."""
    fits = _conditions(wanted)
    total = db.scalar(sa.select(sa.func.count()).select_from(Delivery).where(*fits)) or 0
    first = (page - 1) * PAGE
    if first >= total:
        return [], total
    query = sa.select(Delivery).where(*fits).order_by(Delivery.id.desc())
    return db.scalars(query.limit(PAGE).offset(first)).all(), total


def found_in_pieces(database: Database, wanted: LogFilter) -> Iterator[Sequence[Delivery]]:
    """The newest mails that fit, to be exported; no transaction stays open between the pieces."""
    query = sa.select(Delivery).where(*_conditions(wanted)).order_by(Delivery.id.desc())
    piece = query
    for _number in range(LONGEST_EXPORT // _ROWS_AT_ONCE):
        with database.reading() as db:
            rows = db.scalars(piece.limit(_ROWS_AT_ONCE)).all()
        yield rows
        if len(rows) < _ROWS_AT_ONCE:
            return
        piece = query.where(Delivery.id < rows[-1].id)


def newest_about(db: Session, wanted: LogFilter) -> Delivery | None:
    """The newest mail about a session, which knows its title."""
    about = (Delivery.session_id == wanted.session_id, in_areas(Delivery.area, wanted.areas))
    query = sa.select(Delivery).where(*about)
    return db.scalar(query.order_by(Delivery.id.desc()).limit(1))


def progress(db: Session, wanted: LogFilter) -> Progress | None:
    """How a message to a group gets on, tests and copies left out; None before its first mail."""
    is_test = Delivery.context["is_test"].as_boolean()
    of_batch = (
        Delivery.batch_id == wanted.batch_id,
        in_areas(Delivery.area, wanted.areas),
        Delivery.resend_of_id.is_(None),
        is_test.is_not(sa.true()),
    )
    first = db.scalar(sa.select(Delivery).where(*of_batch).limit(1))
    if first is None:
        return None
    query = sa.select(Delivery.state, sa.func.count()).where(*of_batch)
    counts = {row[0]: row[1] for row in db.execute(query.group_by(Delivery.state))}
    in_order = [(state, counts[state]) for state in STATES if state in counts]
    return Progress(first.context["size"], in_order)


def _conditions(wanted: LogFilter) -> list[sa.ColumnElement[bool]]:
    """What must hold of a mail; each word must be somewhere in its people and titles."""
    exact = {
        Delivery.session_id: wanted.session_id,
        Delivery.batch_id: wanted.batch_id,
        Delivery.state: wanted.state,
        Delivery.kind: wanted.kind,
    }
    fits = [column == value for column, value in exact.items() if value]
    fits.append(in_areas(Delivery.area, wanted.areas))
    for word in search_key(wanted.text).split():
        fits.append(Delivery.search_text.contains(word, autoescape=True))
    if wanted.since:
        fits.append(Delivery.created_at >= wanted.since)
    if wanted.until:
        fits.append(Delivery.created_at <= wanted.until)
    return fits
