"""The nightly check: when it was made, and what it found."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "nightly_check",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("checked_at", UtcDateTime(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("service", sa.String(40), nullable=False),
        sa.Column("number", sa.String(10), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("wrong", sa.String(300), nullable=False),
        sa.Column("cure", sa.String(300), nullable=False),
        sa.Column("found_at", UtcDateTime(), nullable=False),
        sa.Column("gone_at", UtcDateTime()),
    )
    is_open = sa.text("gone_at IS NULL")
    op.create_index(
        "uq_discrepancy_open",
        "discrepancy",
        ["service", "name", "key"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
