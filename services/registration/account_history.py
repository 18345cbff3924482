"""What befell the way into an account: who did what, and when; kept in the audit log."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext
from sqlalchemy.orm import Session

from services.chassis.audit import Act, AuditEntry, append
from services.chassis.rules import ANYBODY, LINK
from services.chassis.staff import StaffMember

SIGNED_IN, ALL_ENDED = "signed_in", "all_sign_ins_ended"
PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
LINK_ASKED, CHOSEN_BY_LINK = "password_link_asked", "password_chosen_by_link"
FACTOR_SET, FACTOR_RESET = "second_factor_set", "second_factor_reset"
CODES_RENEWED, CODE_USED = "recovery_codes_renewed", "recovery_code_used"
COMMAND_LINE = ("command line", "command line", "operator")
A_STRANGER, BY_LINK = (ANYBODY, "", ANYBODY), (LINK, "", LINK)
MOST_SHOWN = 20
HAPPENED = {
    ALL_ENDED: lazy_gettext("Signed out everywhere"),
    CHOSEN_BY_LINK: lazy_gettext("Password chosen anew, by the link from a mail"),
    CODES_RENEWED: lazy_gettext("New recovery codes"),
    CODE_USED: lazy_gettext("Signed in with a recovery code"),
    FACTOR_RESET: lazy_gettext("Second step taken away"),
    FACTOR_SET: lazy_gettext("Second step set up"),
    LINK_ASKED: lazy_gettext("A link to a new password was asked for"),
    PASSWORD_CHANGED: lazy_gettext("Password changed"),
    SIGNED_IN: lazy_gettext("Signed in"),
}

By = tuple[str, str, str]
"""The id, the name and the role of whoever did it."""


def by_account(member: StaffMember) -> By:
    """A member of staff as the one who did something."""
    return (str(member.id), member.name, member.role)


def note_account(db: Session, member: StaffMember, action: str, *, by: By, now: datetime) -> None:
    """Write down what was done to a member's account; the last thing that a transaction does."""
    append(db, Act(*by, action, _subject(member)), now)


def account_history(db: Session, member: StaffMember) -> Sequence[AuditEntry]:
    """The newest entries first."""
    return db.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.subject == _subject(member))
        .order_by(AuditEntry.number.desc())
        .limit(MOST_SHOWN)
    ).all()


def _subject(member: StaffMember) -> str:
    return f"staff:{member.id}"
