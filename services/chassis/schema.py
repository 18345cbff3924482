"""The chassis' tables as migrations create them; a later version is a new function here."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime


def create_chassis_tables() -> None:
    """Version 1, part of each service's first migration."""
    _create_outbox()
    _create_inbox()
    _create_clock()
    _create_staff()


def let_go_of_old_events() -> None:
    """Version 2: an event's row outlives what it said."""
    with op.batch_alter_table("outbox") as table:
        table.alter_column("envelope", existing_type=sa.JSON(), nullable=True)
    told = sa.text("envelope IS NOT NULL AND confirmed_at IS NOT NULL")
    op.create_index(
        "ix_outbox_told", "outbox", ["confirmed_at"], sqlite_where=told, postgresql_where=told
    )


def create_ended_sign_in() -> None:
    """The list of staff sign-ins that were ended before their time."""
    op.create_table(
        "ended_sign_in",
        sa.Column("sign_in_id", sa.Uuid(), primary_key=True),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_ended_sign_in_until", "ended_sign_in", ["until"])


def create_erasure() -> None:
    """Whom the service is asked to erase, and whom it has erased."""
    op.create_table(
        "erasure",
        sa.Column("request_id", sa.Uuid(), primary_key=True),
        sa.Column("who", sa.JSON()),
        sa.Column("address_hash", sa.String(120), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime()),
    )
    op.create_index("ix_erasure_asked_at", "erasure", ["asked_at"])


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("subscriber", sa.String(40), primary_key=True),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("envelope", sa.JSON(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("last_sent_at", UtcDateTime()),
        sa.Column("confirmed_at", UtcDateTime()),
    )
    unconfirmed = sa.text("confirmed_at IS NULL")
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["next_attempt_at", "event_id"],
        sqlite_where=unconfirmed,
        postgresql_where=unconfirmed,
    )
    op.create_index("ix_outbox_subject", "outbox", ["subject"])
    op.create_table(
        "subject_sequence",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("last", sa.Integer(), nullable=False),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("producer", sa.String(40), nullable=False),
        sa.Column("type", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("envelope", sa.JSON()),
    )
    op.create_index("ix_inbox_outcome", "inbox", ["outcome"])
    op.create_table(
        "confirmation",
        sa.Column("event_id", sa.Uuid(), primary_key=True),
        sa.Column("producer", sa.String(40), nullable=False),
    )


def _create_clock() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
    )
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
    )


def _create_staff() -> None:
    op.create_table(
        "staff_member",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sign_in_epoch", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.UniqueConstraint("email", name="uq_staff_member_email"),
    )
    op.create_table(
        "access_token",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.Uuid(), sa.ForeignKey("staff_member.id"), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
    )
    op.create_index("ix_access_token_staff_id", "access_token", ["staff_id"])


def count_in_64_bits(**columns: tuple[str, ...]) -> None:
    """Widen columns of these tables; SQLite's integers have 64 bits already."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, names in columns.items():
        for name in names:
            op.alter_column(table, name, existing_type=sa.Integer(), type_=sa.BigInteger())


def widen_chassis_sequences() -> None:
    """Version 2: events are counted in milliseconds."""
    count_in_64_bits(subject_sequence=("last",), staff_member=("sequence",))


def create_database_fact() -> None:
    """Version 2: what a database knows of itself."""
    op.create_table(
        "database_fact",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("told", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
    )


def create_audit_log() -> None:
    """The audit log and its head, in each service's database."""
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("forgotten", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.String(64), nullable=False),
    )


def widen_staff() -> None:
    """Version 3: an account's areas and local, and what a token is limited to."""
    with op.batch_alter_table("staff_member") as table:
        table.add_column(
            sa.Column("areas", sa.JSON(), nullable=False, server_default=sa.text("'[]'"))
        )
        table.add_column(sa.Column("organisation_id", sa.Uuid()))
    with op.batch_alter_table("access_token") as table:
        table.add_column(sa.Column("actions", sa.JSON()))


def widen_tokens() -> None:
    """Version 4: what a token is for, and when it was last used."""
    with op.batch_alter_table("access_token") as table:
        table.add_column(sa.Column("name", sa.String(100), nullable=False, server_default=""))
        table.add_column(sa.Column("last_used_at", UtcDateTime()))
