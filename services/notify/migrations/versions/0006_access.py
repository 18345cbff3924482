"""Who may do what: areas and locals of staff, what tokens are for, the area of a mail.

No session had one before, so that mail about sessions is everybody's.
"""

import sqlalchemy as sa
from alembic import op

from services.chassis.schema import widen_staff

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    widen_staff()
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("area", sa.String(100)))
    delivery = sa.table("delivery", sa.column("area"), sa.column("session_id"))
    of_a_session = delivery.c.session_id.is_not(None)
    op.execute(delivery.update().where(of_a_session).values(area=""))
