"""The audit log: who saw, took away or changed what."""

from services.chassis.schema import create_audit_log

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    create_audit_log()
