"""A forgotten password: its owner has a link mailed, and chooses another by it.

Nothing is stored for it. The link names the account's epoch, which every change of the password
and every signing out everywhere raises: so it is good once, and dies with all the others.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.outbox import publish
from services.chassis.staff import StaffMember
from services.contracts.staff import PASSWORD_LINK_ASKED
from services.registration.account_history import (
    A_STRANGER,
    BY_LINK,
    CHOSEN_BY_LINK,
    LINK_ASKED,
    note_account,
)
from services.registration.accounts import by_email
from services.registration.passwords import keep_password
from services.registration.sign_ins import end_all_sign_ins, is_as_it_was

LINK_LIVES = timedelta(hours=1)


def mail_link(db: Session, email: str, now: datetime) -> None:
    """Mail a link to the account with this address, if there is one that may be used."""
    member = by_email(db, email)
    if member is None or not member.active:
        return
    data = {
        "staff_id": member.id,
        "sign_in_epoch": member.sign_in_epoch,
        "recipient": {"name": member.name, "email": member.email, "language": member.language},
        "expires_at": now + LINK_LIVES,
    }
    publish(db, PASSWORD_LINK_ASKED, subject=member.id, data=data, now=now)
    note_account(db, member, LINK_ASKED, by=A_STRANGER, now=now)


def choose_password(
    db: Session, staff_id: UUID, epoch: int, password: str, now: datetime
) -> StaffMember | None:
    """Let this be the password, and end every sign-in; None when the link is good no more.

    Nobody is signed in by it: the next sign-in asks for the second step as ever.
    """
    member = locked(db, StaffMember, staff_id)
    if member is None or not is_as_it_was(member, epoch):
        return None
    keep_password(db, member, password)
    end_all_sign_ins(db, member, now)
    note_account(db, member, CHOSEN_BY_LINK, by=BY_LINK, now=now)
    return member
