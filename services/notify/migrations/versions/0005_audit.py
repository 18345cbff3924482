"""The audit log: who saw, took away or changed what."""

from services.chassis.schema import create_audit_log

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_audit_log()
