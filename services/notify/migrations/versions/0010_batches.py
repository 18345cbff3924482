"""Only the mails of a message to a group are looked for by it; all others are not in the index."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    name, column, is_one = "ix_delivery_batch_id", ["batch_id"], sa.text("batch_id IS NOT NULL")
    op.drop_index(name, "delivery")
    op.create_index(name, "delivery", column, sqlite_where=is_one, postgresql_where=is_one)
