"""The sender finds the next mail by its index: news of one's own place, then group messages."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    name, columns = "ix_delivery_under_way", ["batch_id", "due_at"]
    where = sa.text("coalesce(state, '') IN ('queued', 'sending', 'unknown')")
    op.drop_index(name, "delivery")
    op.create_index(name, "delivery", columns, sqlite_where=where, postgresql_where=where)
