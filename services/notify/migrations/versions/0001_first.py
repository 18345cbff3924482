"""The first tables: the chassis' own, deliveries, and what is newest of each registration."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables()
    _create_delivery()
    _create_subject_state()


def _create_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("dedupe_key", sa.String(300), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_type", sa.String(80), nullable=False),
        sa.Column("event_time", UtcDateTime(), nullable=False),
        sa.Column("correlation_id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("recipient_name", sa.Text(), nullable=False),
        sa.Column("recipient_email", sa.Text(), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("give_up_at", UtcDateTime(), nullable=False),
        sa.Column("second_copy_possible", sa.Boolean(), nullable=False),
        sa.Column("provider_id", sa.String(200), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("mail_subject", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("accepted_at", UtcDateTime()),
        sa.UniqueConstraint("dedupe_key", name="uq_delivery_dedupe_key"),
    )
    _index_delivery()


def _index_delivery() -> None:
    under_way = sa.text("state IN ('queued', 'sending', 'unknown')")
    op.create_index(
        "ix_delivery_under_way",
        "delivery",
        ["due_at"],
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    for column in ("session_id", "state", "subject_id"):
        op.create_index(f"ix_delivery_{column}", "delivery", [column])


def _create_subject_state() -> None:
    op.create_table(
        "subject_state",
        sa.Column("registration_id", sa.Uuid(), primary_key=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("notice_sequence", sa.Integer(), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("calendar_sequence", sa.Integer(), nullable=False),
        sa.Column("when_and_where", sa.JSON(), nullable=False),
    )
