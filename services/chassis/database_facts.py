"""What a database knows of itself: the key its links are signed with, and a restore."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.config import Settings
from services.chassis.db import ChassisBase
from services.chassis.keys import LINKS, keys_for

SECRET_KEY = "secret key"  # noqa: S105 - the fact's name
RESTORED = "restored"


class DatabaseFact(ChassisBase):
    """Something to remember of this database, and since when it is so.

    Of `secret key` the id is told, which gives nothing away; of `restored NAME` the moment of the
    backup, in ISO form, whose data that service has, `at` being when they were put back.
    """

    __tablename__ = "database_fact"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    told: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]


def note_fact(db: Session, name: str, told: str, now: datetime) -> None:
    """Write it down in the place of what was told before."""
    db.merge(DatabaseFact(name=name, told=told, at=now))


def note_key(db: Session, settings: Settings, now: datetime, *, anew: bool = False) -> None:
    """Write down which key links are signed with.

    Another than the one that is noted is taken `anew`, or when it has been announced as the next.
    """
    present, *previous = [each.id for each in keys_for(settings, LINKS)]
    fact = db.get(DatabaseFact, SECRET_KEY)
    if fact is None or anew or fact.told in previous:
        note_fact(db, SECRET_KEY, present, now)
