"""The first tables of registration."""

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.schema import create_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables, each after those it points to."""
    create_chassis_tables()
    _create_organisation()
    _create_person()
    _create_preference()
    _create_staff_password()
    _create_workshop_session()
    _create_affiliation()
    _create_registration()
    _create_roster_sending()
    _create_history_entry()
    _create_need()
    _create_stored_answer()


def _create_organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.UniqueConstraint("number", name="uq_organisation_number"),
    )


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("email_key", name="uq_person_email_key"),
    )


def _create_preference() -> None:
    op.create_table(
        "preference",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_preference"),
    )


def _create_staff_password() -> None:
    op.create_table(
        "staff_password",
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_password"),
    )


def _create_workshop_session() -> None:
    op.create_table(
        "workshop_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workshop_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closes_at", UtcDateTime(), nullable=False),
        sa.Column("auto_promote", sa.Boolean(), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workshop_session"),
    )
    op.create_index("ix_workshop_session_starts_at", "workshop_session", ["starts_at"])
    op.create_index("ix_workshop_session_workshop_id", "workshop_session", ["workshop_id"])


def _create_affiliation() -> None:
    op.create_table(
        "affiliation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_affiliation_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_affiliation"),
    )
    op.create_index("ix_affiliation_organisation_id", "affiliation", ["organisation_id"])


def _create_registration() -> None:
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.String(length=250), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=100), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("phone_on_roster", sa.Boolean(), nullable=False),
        sa.Column("auto_confirm", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("hold_reason", sa.String(length=1000), nullable=False),
        sa.Column("arrival", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("offered_at", UtcDateTime(), nullable=True),
        sa.Column("offered_until", UtcDateTime(), nullable=True),
        sa.Column("offer_reminded_at", UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("reminded_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("over_capacity", sa.Boolean(), nullable=False),
        sa.Column("fee_cents", sa.Integer(), nullable=False),
        sa.Column("fee_rule", sa.String(length=40), nullable=False),
        sa.Column("link_version", sa.Integer(), nullable=False),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["moved_from_id"], ["registration.id"], name="fk_registration_moved_from_id"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name="fk_registration_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_registration_person_id"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["workshop_session.id"], name="fk_registration_session_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_registration"),
    )
    op.create_index(
        "ix_registration_line", "registration", ["session_id", "state", "priority", "arrival"]
    )
    op.create_index("ix_registration_offer", "registration", ["state", "offered_until"])
    op.create_index("ix_registration_person_id", "registration", ["person_id"])
    op.create_index(
        "uq_registration_live",
        "registration",
        ["session_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'offered', 'confirmed')"),
        postgresql_where=sa.text("state IN ('waiting', 'offered', 'confirmed')"),
    )


def _create_roster_sending() -> None:
    op.create_table(
        "roster_sending",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("occasion", sa.String(length=20), nullable=False),
        sa.Column("content_version", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["workshop_session.id"], name="fk_roster_sending_session_id"
        ),
        sa.PrimaryKeyConstraint("session_id", "occasion", name="pk_roster_sending"),
    )


def _create_history_entry() -> None:
    op.create_table(
        "history_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name="fk_history_entry_registration_id"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["workshop_session.id"], name="fk_history_entry_session_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_history_entry"),
    )
    op.create_index("ix_history_entry_registration_id", "history_entry", ["registration_id"])
    op.create_index("ix_history_entry_session_id", "history_entry", ["session_id"])


def _create_need() -> None:
    op.create_table(
        "need",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name="fk_need_registration_id"
        ),
        sa.PrimaryKeyConstraint("registration_id", name="pk_need"),
    )


def _create_stored_answer() -> None:
    op.create_table(
        "stored_answer",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name="fk_stored_answer_registration_id"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_stored_answer"),
    )
