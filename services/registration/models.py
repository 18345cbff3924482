"""The tables of registration: who has which place in which session, and why."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from services.chassis.db import COLUMN_TYPES, NAMES, Counter
from services.chassis.ids import new_id

WAITING, OFFERED, CONFIRMED = "waiting", "offered", "confirmed"
DECLINED, LAPSED, CANCELLED = "declined", "lapsed", "cancelled"
LEFT, CLOSED = "left", "closed"
LIVE = (WAITING, OFFERED, CONFIRMED)
HOLDING = (OFFERED, CONFIRMED)
_LIVE_ONLY = sa.text("state IN ('waiting', 'offered', 'confirmed')")


class Base(DeclarativeBase):
    """Registration's own tables."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES


class WorkshopSession(Base):
    """Registration's copy of a published session, and the row that guards its seats.

    `area` is that of the coordinators who look after it; without one it is everybody's.
    `facts` is the JSON form of the contract's SessionFacts. `starts_at` is the first day's
    start, or its midnight in the session's zone while times are to be announced; `ends_on` is
    the last day there. `arrivals` counts everybody who ever signed up.
    """

    __tablename__ = "workshop_session"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workshop_id: Mapped[UUID] = mapped_column(index=True)
    sequence: Mapped[Counter]
    status: Mapped[str] = mapped_column(sa.String(20))
    capacity: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_on: Mapped[date]
    closes_at: Mapped[datetime]
    auto_promote: Mapped[bool]
    area: Mapped[str] = mapped_column(sa.String(100), default="")
    arrivals: Mapped[int] = mapped_column(default=0)
    facts: Mapped[dict[str, Any]]


class Organisation(Base):
    """A local that members belong to."""

    __tablename__ = "organisation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    area: Mapped[str] = mapped_column(sa.String(100), default="")
    affiliations: Mapped[list["Affiliation"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="Affiliation.starts_on"
    )

    @property
    def label(self) -> str:
        """Number and name, the number once."""
        return self.name if self.number in self.name else f"{self.number} – {self.name}"

    def is_affiliated(self, day: date) -> bool:
        """Whether it pays dues to the federation on a day."""
        return any(each.covers(day) for each in self.affiliations)


class Affiliation(Base):
    """A period in which an organisation is affiliated; both days belong to it."""

    __tablename__ = "affiliation"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]

    def covers(self, day: date) -> bool:
        """Whether the period holds a day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Person(Base):
    """Somebody who signs up, known by their address.

    `mail_failure` is why the last mail did not reach them, in the provider's words, empty when
    it did; `mail_arrived_at` when the newest that is known to have reached them did. Without an
    `email` it is somebody who was forgotten.
    `announcements_since` is when they agreed to be told of new workshops.
    """

    __tablename__ = "person"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email_key: Mapped[str] = mapped_column(sa.String(254), unique=True)
    email: Mapped[str] = mapped_column(sa.String(254))
    created_at: Mapped[datetime]
    mail_failure: Mapped[str] = mapped_column(sa.String(1000), default="")
    mail_failed_at: Mapped[datetime | None]
    mail_arrived_at: Mapped[datetime | None]
    announcements_since: Mapped[datetime | None]


class Registration(Base):
    """One person's place in one session; a new sign-up is a new row.

    The fee is frozen at sign-up, in cents, with the rule that gave it. A lower `priority` number
    goes first in line, then a lower `arrival`, which counts the session's sign-ups under its
    lock: two clocks or two requests at once can never change a place that was told.
    `hold_reason` says why somebody is passed over while they wait. `forgotten_at` is when the
    place ceased to tell whose it is.
    """

    __tablename__ = "registration"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("organisation.id"))
    organisation_name: Mapped[str] = mapped_column(sa.String(250))
    name: Mapped[str] = mapped_column(sa.String(200))
    role: Mapped[str] = mapped_column(sa.String(100), default="")
    language: Mapped[str] = mapped_column(sa.String(2))
    phone: Mapped[str] = mapped_column(sa.String(40), default="")
    phone_on_roster: Mapped[bool] = mapped_column(default=False)
    auto_confirm: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(sa.String(20))
    priority: Mapped[int] = mapped_column(default=0)
    hold_reason: Mapped[str] = mapped_column(sa.String(1000), default="")
    arrival: Mapped[int]
    joined_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    offered_until: Mapped[datetime | None]
    offer_reminded_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    over_capacity: Mapped[bool] = mapped_column(default=False)
    no_show: Mapped[bool] = mapped_column(default=False)
    fee_cents: Mapped[int]
    fee_rule: Mapped[str] = mapped_column(sa.String(40))
    link_version: Mapped[int] = mapped_column(default=1)
    moved_from_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("registration.id"))
    forgotten_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    session: Mapped[WorkshopSession] = relationship()

    __table_args__ = (
        sa.Index(
            "uq_registration_live",
            "session_id",
            "person_id",
            unique=True,
            sqlite_where=_LIVE_ONLY,
            postgresql_where=_LIVE_ONLY,
        ),
        sa.Index("ix_registration_line", "session_id", "state", "priority", "arrival"),
        sa.Index("ix_registration_offer", "state", "offered_until"),
        sa.Index(
            "ix_registration_known",
            "session_id",
            sqlite_where=sa.text("forgotten_at IS NULL"),
            postgresql_where=sa.text("forgotten_at IS NULL"),
        ),
    )


class Need(Base):
    """What somebody needs to take part; apart, because few may read it."""

    __tablename__ = "need"

    registration_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("registration.id"), primary_key=True
    )
    text: Mapped[str] = mapped_column(sa.Text)


class HistoryEntry(Base):
    """Who did what to a registration or a session, when and why.

    `actor` is a staff member's name, `member` or `turnout`; `action` a past participle.
    """

    __tablename__ = "history_entry"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    session_id: Mapped[UUID] = mapped_column(sa.ForeignKey("workshop_session.id"), index=True)
    registration_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("registration.id"), index=True
    )
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(200))
    action: Mapped[str] = mapped_column(sa.String(40))
    reason: Mapped[str] = mapped_column(sa.String(1000), default="")


class StoredAnswer(Base):
    """The answer to a sign-up by its idempotency key; `digest` tells another request apart."""

    __tablename__ = "stored_answer"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    digest: Mapped[str] = mapped_column(sa.String(64))
    registration_id: Mapped[UUID] = mapped_column(sa.ForeignKey("registration.id"))
    repeated: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Preference(Base):
    """What the organisation that runs this site has chosen, by name."""

    __tablename__ = "preference"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    chosen: Mapped[bool]


class StaffTask(Base):
    """Something that a person must see to; open until somebody says how it was settled.

    `created_at` is when it last happened, and `words` are those of that time.
    """

    __tablename__ = "staff_task"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(40))
    session_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("workshop_session.id"), index=True
    )
    registration_id: Mapped[UUID | None] = mapped_column(
        sa.ForeignKey("registration.id"), index=True
    )
    words: Mapped[str] = mapped_column(sa.String(1000), default="")
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str] = mapped_column(sa.String(200), default="")
    outcome: Mapped[str] = mapped_column(sa.String(1000), default="")

    __table_args__ = (
        sa.Index(
            "ix_staff_task_open",
            "created_at",
            sqlite_where=sa.text("done_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )
