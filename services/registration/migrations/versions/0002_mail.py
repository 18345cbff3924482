"""Mail: whom it does not reach, tasks for staff, what goes out when, rosters, group messages."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from services.chassis.db import UtcDateTime
from services.chassis.ids import new_id

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _widen_person_and_registration()
    _create_staff_task()
    _create_planned_mail()
    _create_rosters()
    _take_over_recipients()
    _create_group_message()
    _create_digest_choice()


def _widen_person_and_registration() -> None:
    with op.batch_alter_table("person") as table:
        table.add_column(
            sa.Column("mail_failure", sa.String(1000), nullable=False, server_default="")
        )
        table.add_column(sa.Column("mail_failed_at", UtcDateTime()))
        table.add_column(sa.Column("mail_arrived_at", UtcDateTime()))
        table.add_column(sa.Column("announcements_since", UtcDateTime()))
    with op.batch_alter_table("registration") as table:
        table.add_column(
            sa.Column("no_show", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def _create_staff_task() -> None:
    op.create_table(
        "staff_task",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("workshop_session.id")),
        sa.Column("registration_id", sa.Uuid(), sa.ForeignKey("registration.id")),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("done_at", UtcDateTime()),
        sa.Column("done_by", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(1000), nullable=False),
    )
    op.create_index("ix_staff_task_session_id", "staff_task", ["session_id"])
    op.create_index("ix_staff_task_registration_id", "staff_task", ["registration_id"])
    _index_unfinished("ix_staff_task_open", "staff_task", "created_at")


def _create_planned_mail() -> None:
    """What was sent before stays known as done; the clock plans all that is still to come."""
    op.create_table(
        "planned_mail",
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("workshop_session.id"), primary_key=True),
        sa.Column("occasion", sa.String(20), primary_key=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("edited_by", sa.String(200), nullable=False),
        sa.Column("done_at", UtcDateTime()),
        sa.Column("content_version", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
    )
    _index_unfinished("ix_planned_mail_due", "planned_mail", "due_at")
    op.execute(
        "INSERT INTO planned_mail "
        "(session_id, occasion, due_at, is_on, edited_by, done_at, content_version, outcome) "
        "SELECT session_id, occasion, at, true, '', at, content_version, 'sent' "
        "FROM roster_sending "
        "WHERE occasion <> 'on_demand'"
    )
    op.drop_table("roster_sending")


def _create_rosters() -> None:
    op.create_table(
        "roster_recipient",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("workshop_session.id"), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.Column("sent_at", UtcDateTime()),
        sa.UniqueConstraint(
            "session_id", "email_key", name="uq_roster_recipient_session_id_email_key"
        ),
    )
    op.create_table(
        "roster_opening",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("recipient_id", sa.Uuid(), sa.ForeignKey("roster_recipient.id"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("form", sa.String(10), nullable=False),
    )
    op.create_index("ix_roster_opening_recipient_id", "roster_opening", ["recipient_id"])


def _take_over_recipients() -> None:
    """The facilitators and hosts of the sessions that are known go on getting their rosters."""
    columns = (sa.column("id", sa.Uuid()), sa.column("facts", sa.JSON()))
    sessions = op.get_bind().execute(sa.select(*columns).select_from(sa.table("workshop_session")))
    rows = [row for each in sessions for row in _recipients(each.id, each.facts)]
    table = sa.table(
        "roster_recipient",
        *(sa.column(name, sa.Uuid()) for name in ("id", "session_id")),
        *(sa.column(name) for name in ("email_key", "email", "name", "language")),
        *(sa.column(name) for name in ("role", "added_by")),
    )
    op.bulk_insert(table, rows)


def _recipients(session_id: UUID, facts: dict[str, Any]) -> list[dict[str, Any]]:
    people = [("facilitator", each) for each in facts["facilitators"]]
    people += [("host", facts["host"])] if facts["host"] else []
    first_of_each = {each["email"].casefold(): (role, each) for role, each in reversed(people)}
    return [
        {
            "id": new_id(),
            "session_id": session_id,
            "email_key": key,
            "role": role,
            "added_by": "",
            **{name: each[name] for name in ("name", "email", "language")},
        }
        for key, (role, each) in first_of_each.items()
    ]


def _create_group_message() -> None:
    op.create_table(
        "group_message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("session_id", sa.Uuid(), sa.ForeignKey("workshop_session.id")),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("stream", sa.String(20), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
    )
    op.create_index("ix_group_message_session_id", "group_message", ["session_id"])
    op.create_index("ix_group_message_sent_at", "group_message", ["sent_at"])


def _create_digest_choice() -> None:
    op.create_table(
        "digest_choice",
        sa.Column("staff_id", sa.Uuid(), primary_key=True),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("told_until", UtcDateTime()),
    )


def _index_unfinished(name: str, table: str, column: str) -> None:
    unfinished = sa.text("done_at IS NULL")
    op.create_index(name, table, [column], sqlite_where=unfinished, postgresql_where=unfinished)
