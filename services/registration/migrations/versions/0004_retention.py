"""Retention: which places are nobody's any more, and what the clock finds old rows by."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import let_go_of_old_events

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    let_go_of_old_events()
    op.add_column("registration", sa.Column("forgotten_at", UtcDateTime()))
    known = sa.text("forgotten_at IS NULL")
    op.create_index(
        "ix_registration_known",
        "registration",
        ["session_id"],
        sqlite_where=known,
        postgresql_where=known,
    )
    op.create_index("ix_stored_answer_created_at", "stored_answer", ["created_at"])
