"""People: whom to erase, and what is about nobody any more."""

import sqlalchemy as sa
from alembic import op

from services.chassis.schema import create_erasure

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    create_erasure()
    with op.batch_alter_table("subject_state") as table:
        table.add_column(
            sa.Column("erased", sa.Boolean(), nullable=False, server_default=sa.false())
        )
