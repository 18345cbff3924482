"""Staff sign-ins, second factors, and the delay after wrong passwords."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import create_ended_sign_in

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_ended_sign_in()
    _create_staff_sign_in()
    _create_second_factor()
    _create_sign_in_delay()


def _create_staff_sign_in() -> None:
    op.create_table(
        "staff_sign_in",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("browser", sa.String(80), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_staff_sign_in_staff_id", "staff_sign_in", ["staff_id"])


def _create_second_factor() -> None:
    op.create_table(
        "second_factor",
        sa.Column("staff_id", sa.Uuid(), primary_key=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("secret", sa.String(300), nullable=False),
        sa.Column("since", UtcDateTime()),
        sa.Column("new_secret", sa.String(300), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
    )
    op.create_index("ix_recovery_code_staff_id", "recovery_code", ["staff_id"])


def _create_sign_in_delay() -> None:
    op.create_table(
        "sign_in_delay",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_sign_in_delay_last_at", "sign_in_delay", ["last_at"])
