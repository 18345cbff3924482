"""What must be true of every service's audit log."""

from datetime import datetime

from sqlalchemy.orm import Session

from services.chassis.audit import broken_at
from services.chassis.invariants import Found, invariant, message

ENTRY = "entry of the audit log"


@invariant(
    "I15",
    ENTRY,
    wrong=message("The audit log was changed, or lacks an entry, at this number."),
    cure=message(
        "Keep a copy of the database, compare it with the backups and with the digests in the "
        "log files, and find out who could write to it."
    ),
)
def the_audit_log_is_whole(db: Session, now: datetime) -> Found:
    """Every entry of the audit log follows the one before it."""
    number = broken_at(db)
    return [] if number is None else [number]
