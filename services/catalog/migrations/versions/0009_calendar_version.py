"""The version of what the public calendar shows."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    table = op.create_table(
        "calendar_version",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("version", sa.Uuid(), nullable=False),
    )
    op.bulk_insert(table, [{"id": 1, "version": UUID(int=0)}])
