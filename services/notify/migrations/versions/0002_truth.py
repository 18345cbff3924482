"""What became of each mail: attempts, the provider's reports, copies, suppressions, letterhead."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.notify.deliveries import search_text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _widen_delivery()
    _make_old_mail_findable()
    _widen_subject_state()
    _create_attempt()
    _create_provider_event()
    _create_sent_copy()
    _create_suppression()
    _create_single_rows()


def _widen_delivery() -> None:
    with op.batch_alter_table("delivery") as table:
        table.alter_column("session_id", existing_type=sa.Uuid(), nullable=True)
        table.add_column(sa.Column("batch_id", sa.Uuid()))
        table.add_column(sa.Column("resend_of_id", sa.Uuid()))
        table.add_column(_text("stream", 20, default="transactional"))
        table.add_column(sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("settled_at", UtcDateTime()))
    op.create_index("ix_delivery_batch_id", "delivery", ["batch_id"])


def _make_old_mail_findable() -> None:
    """Give the mails of the version before what the log searches them by."""
    columns = ("recipient_name", "recipient_email", "search_text")
    delivery = sa.table(
        "delivery",
        sa.column("id", sa.Uuid()),
        sa.column("context", sa.JSON()),
        *(sa.column(name, sa.Text()) for name in columns),
    )
    db = op.get_bind()
    for row in db.execute(sa.select(delivery)).all():
        found = search_text(row.recipient_name, row.recipient_email, row.context.get("session"))
        db.execute(delivery.update().where(delivery.c.id == row.id).values(search_text=found))


def _widen_subject_state() -> None:
    with op.batch_alter_table("subject_state") as table:
        table.add_column(
            sa.Column("is_invited", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("email", sa.Text(), nullable=False, server_default=""))
        table.add_column(
            sa.Column("heard_sequence", sa.Integer(), nullable=False, server_default="0")
        )
        table.add_column(_text("heard_status", 20, default=""))
    op.execute("UPDATE subject_state SET heard_sequence = sequence, heard_status = status")


def _create_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        _delivery_id(nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )
    op.create_index("ix_attempt_delivery_id", "attempt", ["delivery_id"])


def _create_provider_event() -> None:
    op.create_table(
        "provider_event",
        sa.Column("id", sa.String(200), primary_key=True),
        _delivery_id(nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_provider_event_delivery_id", "provider_event", ["delivery_id"])


def _create_sent_copy() -> None:
    op.create_table(
        "sent_copy",
        _delivery_id(primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_sent_copy_stored_at", "sent_copy", ["stored_at"])


def _create_suppression() -> None:
    op.create_table(
        "suppression",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("address_key", sa.String(320), nullable=False),
        sa.Column("stream", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime()),
        sa.Column("by", sa.String(200), nullable=False),
        sa.UniqueConstraint("address_key", "stream", name="uq_suppression_address_key_stream"),
    )


def _create_single_rows() -> None:
    op.create_table(
        "letterhead",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sender_name", sa.String(70), nullable=False),
        sa.Column("reply_to", sa.String(254), nullable=False),
        sa.Column("signature_en", sa.Text(), nullable=False),
        sa.Column("signature_fr", sa.Text(), nullable=False),
        sa.Column("colour", sa.String(7), nullable=False),
    )
    op.create_table(
        "provider_pause",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
    )


def _text(name: str, length: int, *, default: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default=default)


def _delivery_id(*, nullable: bool = False, primary_key: bool = False) -> sa.Column[object]:
    reference = sa.ForeignKey("delivery.id", ondelete="CASCADE")
    return sa.Column(
        "delivery_id", sa.Uuid(), reference, nullable=nullable, primary_key=primary_key
    )
