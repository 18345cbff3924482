"""Retention: until when what a mail is written from is needed, and what old rows are found by."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import let_go_of_old_events
from services.notify.facts import needed_until

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    let_go_of_old_events()
    op.add_column("delivery", sa.Column("needed_until", UtcDateTime()))
    _say_until_when()
    _index("ix_delivery_needed", "delivery", "needed_until", "needed_until IS NOT NULL")
    _index("ix_delivery_known", "delivery", "created_at", "recipient_email <> ''")
    _index("ix_attempt_known", "attempt", "ended_at", "address <> ''")
    _index("ix_provider_event_known", "provider_event", "received_at", "words <> ''")


def _say_until_when() -> None:
    """Of the mails of the version before as well."""
    delivery = sa.table(
        "delivery",
        sa.column("id", sa.Uuid()),
        sa.column("kind", sa.String(40)),
        sa.column("context", sa.JSON()),
        sa.column("created_at", UtcDateTime()),
        sa.column("needed_until", UtcDateTime()),
    )
    db = op.get_bind()
    for row in db.execute(sa.select(delivery)).all():
        until = needed_until(row.kind, row.context, row.created_at)
        db.execute(delivery.update().where(delivery.c.id == row.id).values(needed_until=until))


def _index(name: str, table: str, column: str, condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
