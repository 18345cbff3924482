"""The tables of the catalogue: workshops, venues, dated sessions, their history and their seats."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, mapped_column, relationship

from services.chassis.db import COLUMN_TYPES, NAMES, Counter
from services.chassis.ids import new_id

DRAFT, PUBLISHED, CANCELLED = "draft", "published", "cancelled"
SET_ASIDE = "set_aside"
"""A draft that staff do not want; it is kept so that the listing does not bring it back."""


class Base(DeclarativeBase):
    """What the tables of the catalogue share."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES | {str: sa.Text()}


class Workshop(Base):
    """What is taught, in words; the same workshop may be held on many dates."""

    __tablename__ = "workshop"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    title_en: Mapped[str] = mapped_column(default="")
    title_fr: Mapped[str] = mapped_column(default="")
    description_en: Mapped[str] = mapped_column(default="")
    description_fr: Mapped[str] = mapped_column(default="")
    bring_en: Mapped[str] = mapped_column(default="")
    bring_fr: Mapped[str] = mapped_column(default="")
    prerequisites_en: Mapped[str] = mapped_column(default="")
    prerequisites_fr: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    series: Mapped[str] = mapped_column(default="")
    hours: Mapped[float | None] = mapped_column(sa.Double)
    created_at: Mapped[datetime]
    sessions: Mapped[list["WorkshopSession"]] = relationship(back_populates="workshop")

    def words(self, name: str) -> dict[str, str]:
        """One of its texts in both languages, such as `title`; an empty string is a missing one."""
        return {"en": getattr(self, f"{name}_en"), "fr": getattr(self, f"{name}_fr")}


class Venue(Base):
    """A place where sessions are held; `province` is its two letters, empty where unknown."""

    __tablename__ = "venue"
    __table_args__ = (sa.UniqueConstraint("name", "city", "province"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(default="")
    city: Mapped[str] = mapped_column(default="")
    province: Mapped[str] = mapped_column(sa.String(2), default="")

    @property
    def text(self) -> str:
        """The place in one line, the same in both languages."""
        return ", ".join(part for part in (self.name, self.city, self.province) if part)


class SessionDay(Base):
    """A day of a session, local to its zone; a time that is None is to be announced."""

    __tablename__ = "session_day"

    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"), primary_key=True)
    date: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    starts: Mapped[time | None] = mapped_column(sa.Time)
    ends: Mapped[time | None] = mapped_column(sa.Time)


class SeatCount(Base):
    """How full a session is, as registration last told it."""

    __tablename__ = "seat_count"

    session_id: Mapped[UUID] = mapped_column(primary_key=True)
    capacity: Mapped[int]
    held: Mapped[int]
    waiting: Mapped[int]
    sequence: Mapped[Counter]


class WorkshopSession(Base):
    """A workshop on its dates, at its place. What is None in a draft has not been settled yet.

    `closes_at` is None where sign-up closes by default (see `schedule.closing_of`).
    `area` says whose coordinators look after it; without one it is everybody's.
    `first_day` and `last_day` repeat what `days` say, for the database to search.
    `import_facts` is the listing's entry as last imported, the base of the next comparison.
    """

    __tablename__ = "workshop_session"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    workshop_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop.id"), index=True)
    venue_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("venue.id"), index=True)
    status: Mapped[str] = mapped_column(sa.String(20), default=DRAFT)
    zone: Mapped[str] = mapped_column(sa.String(60))
    online: Mapped[bool | None]
    room: Mapped[str] = mapped_column(default="")
    area: Mapped[str] = mapped_column(default="")
    join_link: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(sa.String(10), default="")
    capacity: Mapped[int | None]
    fee_affiliate_cents: Mapped[int | None]
    fee_other_cents: Mapped[int | None]
    closes_at: Mapped[datetime | None]
    auto_promote: Mapped[bool] = mapped_column(default=False)
    facilitators: Mapped[list[Any]] = mapped_column(default=list)
    host: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    notes: Mapped[str] = mapped_column(default="")
    flags: Mapped[list[Any]] = mapped_column(default=list)
    import_facts: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    first_day: Mapped[date | None] = mapped_column(sa.Date)
    last_day: Mapped[date | None] = mapped_column(sa.Date)
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")

    workshop: Mapped[Workshop] = relationship(back_populates="sessions", lazy="selectin")
    venue: Mapped[Venue | None] = relationship(lazy="selectin")
    days: Mapped[list[SessionDay]] = relationship(
        cascade="all, delete-orphan", order_by=SessionDay.date, lazy="selectin"
    )
    seats: Mapped[SeatCount | None] = relationship(
        primaryjoin=lambda: foreign(WorkshopSession.id) == SeatCount.session_id,
        viewonly=True,
        uselist=False,
        lazy="selectin",
    )
    history: Mapped[list["SessionChange"]] = relationship(
        order_by="SessionChange.version.desc()", viewonly=True
    )

    __table_args__ = (sa.Index(None, "status", "first_day"),)

    @property
    def place(self) -> str:
        """Where it is held, in one line; empty online, and where that is not settled."""
        return self.venue.text if self.venue and not self.online else ""


class SessionChange(Base):
    """Who did what to a session, when and why; `changes` lists fields with old and new words.

    `version` is the one that the session got by it.
    """

    __tablename__ = "session_change"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"), index=True)
    version: Mapped[int]
    at: Mapped[datetime]
    actor: Mapped[str]
    what: Mapped[str] = mapped_column(sa.String(40))
    changes: Mapped[list[Any]] = mapped_column(default=list)
    reason: Mapped[str] = mapped_column(default="")


class ImportRun(Base):
    """One import of a listing: who, when, and how many entries were new, changed and so on."""

    __tablename__ = "import_run"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    actor: Mapped[str]
    counts: Mapped[dict[str, Any]]
