"""Who may do what: areas and locals of staff, what tokens are for, a session's area."""

import sqlalchemy as sa
from alembic import op

from services.chassis.schema import widen_staff

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    widen_staff()
    with op.batch_alter_table("workshop_session") as table:
        table.add_column(sa.Column("area", sa.Text(), nullable=False, server_default=""))
