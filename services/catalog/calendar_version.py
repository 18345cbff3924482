"""The version of what the public calendar shows: another one after each change, whoever made it."""

from collections.abc import Hashable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from services.catalog.models import (
    Base,
    SeatCount,
    SessionDay,
    Venue,
    Workshop,
    WorkshopSession,
)
from services.chassis.db import Database, table_of
from services.chassis.ids import new_id
from services.chassis.neighbours import heard_at, silence

SHOWN = (Workshop, Venue, WorkshopSession, SessionDay, SeatCount)
_CHANGED = "the calendar has changed"


class CalendarVersion(Base):
    """One row. Its version is drawn, not counted, so that none comes back with a backup."""

    __tablename__ = "calendar_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[UUID]


_STATE = sa.select(table_of(CalendarVersion).c.version, heard_at("registration"))


def calendar_told(database: Database) -> tuple[UUID, datetime | None]:
    """The version, and when registration was heard of last."""
    version, heard = database.look(_STATE)
    return version, heard


def calendar_state(told: tuple[UUID, datetime | None], now: datetime) -> Hashable:
    """What tells a page of the calendar that is made now from one made before or later.

    Beside the version that is whether seats are old, and the minute: sign-up closes, and days
    end, on whole minutes.
    """
    version, heard = told
    return version, silence(heard, now), now.replace(second=0, microsecond=0)


def _note_change(_mapper: Any, _connection: Any, row: Base) -> None:
    db = object_session(row)
    if db is not None:
        db.info[_CHANGED] = True


for _model in SHOWN:
    for _change in ("after_insert", "after_update", "after_delete"):
        event.listen(_model, _change, _note_change)


@event.listens_for(Session, "before_commit")
def _draw_version(db: Session) -> None:
    """The last thing in a transaction: whoever waits for this row holds nothing others wait for."""
    db.flush()
    if db.info.get(_CHANGED) and not db.in_nested_transaction():
        db.execute(sa.update(CalendarVersion).values(version=new_id()))
