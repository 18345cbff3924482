"""Registration's tables about the nightly check: when it was made, and what it found."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.chassis.ids import new_id
from services.registration.models import Base


class NightlyCheck(Base):
    """That the site was checked for a day; a day is checked once."""

    __tablename__ = "nightly_check"

    day: Mapped[date] = mapped_column(primary_key=True)
    checked_at: Mapped[datetime]
    found: Mapped[int]


class Discrepancy(Base):
    """One row of a service that breaks an invariant, from when it was found until it was gone.

    `about` says what its `key` is the id of. `wrong` and `cure` are in English, and are said in
    the reader's language where they are shown.
    """

    __tablename__ = "discrepancy"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    service: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[str] = mapped_column(sa.String(10))
    name: Mapped[str] = mapped_column(sa.String(80))
    about: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str] = mapped_column(sa.String(80))
    wrong: Mapped[str] = mapped_column(sa.String(300))
    cure: Mapped[str] = mapped_column(sa.String(300))
    found_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]

    __table_args__ = (
        sa.Index(
            "uq_discrepancy_open",
            "service",
            "name",
            "key",
            unique=True,
            sqlite_where=sa.text("gone_at IS NULL"),
            postgresql_where=sa.text("gone_at IS NULL"),
        ),
    )
