"""People: what they asked for, what was found of them, and whom to erase."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import create_erasure

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    create_erasure()
    op.create_table(
        "person_request",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("who", sa.JSON()),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("asked_through", sa.Uuid()),
        sa.Column("link_until", UtcDateTime()),
        sa.Column("begun_at", UtcDateTime()),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("finished_at", UtcDateTime()),
    )
    op.create_index("ix_person_request_asked_at", "person_request", ["asked_at"])
    op.create_index("ix_person_request_asked_through", "person_request", ["asked_through"])
    op.create_table(
        "found_part",
        sa.Column(
            "request_id",
            sa.Uuid(),
            sa.ForeignKey("person_request.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("service", sa.String(40), primary_key=True),
        sa.Column("part", sa.Integer(), primary_key=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
    )
