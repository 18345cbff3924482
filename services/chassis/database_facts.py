"""What a database knows of itself: the key its links are signed with, and a restore."""

import hashlib
import hmac
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase

SECRET_KEY = "secret key"  # noqa: S105 - the fact's name
RESTORED = "restored"


class DatabaseFact(ChassisBase):
    """Something to remember of this database, and since when it is so.

    Of `secret key` the fingerprint is told; of `restored` the moment of the backup, in ISO form,
    whose data these are, `at` being when they were put back.
    """

    __tablename__ = "database_fact"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    told: Mapped[str] = mapped_column(sa.String(200))
    at: Mapped[datetime]


def note_fact(db: Session, name: str, told: str, now: datetime) -> None:
    """Write it down in the place of what was told before."""
    db.merge(DatabaseFact(name=name, told=told, at=now))


def fingerprint(secret_key: str) -> str:
    """What tells two keys apart and gives neither away."""
    return hmac.digest(secret_key.encode(), b"turnout: fingerprint", hashlib.sha256).hex()[:16]
