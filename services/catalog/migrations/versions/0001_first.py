"""Workshops, venues, dated sessions, their history, their seats, and runs of the import."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _create_workshop()
    _create_venue()
    _create_session()
    _create_day()
    _create_records()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _create_workshop() -> None:
    texts = ("title", "description", "bring", "prerequisites")
    op.create_table(
        "workshop",
        sa.Column("id", sa.Uuid(), primary_key=True),
        *(_text(f"{name}_{language}") for name in texts for language in ("en", "fr")),
        _text("topic"),
        _text("series"),
        sa.Column("hours", sa.Double()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )


def _create_venue() -> None:
    op.create_table(
        "venue",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _text("name"),
        _text("city"),
        sa.Column("province", sa.String(2), nullable=False),
        sa.UniqueConstraint("name", "city", "province", name=op.f("uq_venue_name_city_province")),
    )


def _create_session() -> None:
    op.create_table(
        "workshop_session",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("workshop_id", sa.Uuid(), sa.ForeignKey("workshop.id"), nullable=False),
        sa.Column("venue_id", sa.Uuid(), sa.ForeignKey("venue.id")),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("zone", sa.String(60), nullable=False),
        sa.Column("online", sa.Boolean()),
        _text("room"),
        _text("join_link"),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("capacity", sa.Integer()),
        sa.Column("fee_affiliate_cents", sa.Integer()),
        sa.Column("fee_other_cents", sa.Integer()),
        sa.Column("closes_at", UtcDateTime()),
        sa.Column("auto_promote", sa.Boolean(), nullable=False),
        sa.Column("facilitators", sa.JSON(), nullable=False),
        sa.Column("host", sa.JSON()),
        _text("notes"),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("import_facts", sa.JSON()),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime()),
        sa.Column("cancelled_at", UtcDateTime()),
        _text("cancel_reason"),
    )
    for columns in (["workshop_id"], ["venue_id"], ["status", "first_day"]):
        op.create_index(
            op.f(f"ix_workshop_session_{'_'.join(columns)}"), "workshop_session", columns
        )


def _create_day() -> None:
    session_id = sa.ForeignKey("workshop_session.id")
    op.create_table(
        "session_day",
        sa.Column("session_id", sa.Uuid(), session_id, primary_key=True),
        sa.Column("date", sa.Date(), primary_key=True),
        sa.Column("starts", sa.Time()),
        sa.Column("ends", sa.Time()),
    )


def _create_records() -> None:
    op.create_table(
        "seat_count",
        sa.Column("session_id", sa.Uuid(), primary_key=True),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("capacity", "held", "waiting")),
        sa.Column("sequence", sa.Integer(), nullable=False),
    )
    op.create_table(
        "session_change",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("workshop_session.id"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        _text("actor"),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        _text("reason"),
    )
    op.create_index(op.f("ix_session_change_session_id"), "session_change", ["session_id"])
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        _text("actor"),
        sa.Column("counts", sa.JSON(), nullable=False),
    )
