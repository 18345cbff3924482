"""Sign-ins under way: beginning one, seeing one's own, ending one or all of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.chassis.outbox import publish
from services.chassis.sign_ins import LONGEST, SignIn, note_ended
from services.chassis.staff import StaffMember
from services.contracts.staff import STAFF_SIGNED_OUT
from services.registration.accounts import tell_of_account
from services.registration.sign_in_models import StaffSignIn


def begin_sign_in(
    db: Session,
    member: StaffMember,
    *,
    browser: str,
    now: datetime,
    second_factor_due: datetime | None = None,
) -> SignIn:
    """A new sign-in for somebody who has shown all that they must show.

    While the second factor is due later, it ends by then.
    """
    until = min(now + LONGEST, second_factor_due or datetime.max.replace(tzinfo=now.tzinfo))
    row = StaffSignIn(
        id=new_id(), staff_id=member.id, browser=browser, began_at=now, seen_at=now, until=until
    )
    db.add(row)
    return SignIn(
        id=row.id,
        staff_id=member.id,
        epoch=member.sign_in_epoch,
        seen_at=now,
        until=until,
        second_factor_due=second_factor_due,
    )


def sign_ins_of(db: Session, member: StaffMember, now: datetime) -> Sequence[StaffSignIn]:
    """Those that may still be in use, the newest first."""
    return db.scalars(
        sa.select(StaffSignIn)
        .where(StaffSignIn.staff_id == member.id, StaffSignIn.until > now)
        .order_by(StaffSignIn.began_at.desc(), StaffSignIn.id.desc())
    ).all()


def note_seen(db: Session, sign_in_id: UUID, now: datetime) -> None:
    """Note that somebody is at work with it."""
    db.execute(sa.update(StaffSignIn).where(StaffSignIn.id == sign_in_id).values(seen_at=now))


def end_sign_in(db: Session, sign_in_id: UUID, *, staff_id: UUID, now: datetime) -> bool:
    """End one of a member's sign-ins, in every service; tells whether there was such a one."""
    row = db.get(StaffSignIn, sign_in_id)
    if row is None or row.staff_id != staff_id:
        return False
    ended = {"sign_in_id": row.id, "staff_id": row.staff_id, "until": row.until}
    note_ended(db, row.id, row.until)
    publish(db, STAFF_SIGNED_OUT, subject=row.id, data=ended, now=now)
    db.delete(row)
    return True


def is_as_it_was(member: StaffMember, epoch: int) -> bool:
    """Whether an account may be used, and nobody has signed it out everywhere since then."""
    return member.active and member.sign_in_epoch == epoch


def end_all_sign_ins(db: Session, member: StaffMember, now: datetime) -> None:
    """End every sign-in of a member, in every service, those that nobody knows of included.

    Epochs are minutes since 1970: one that begins after a restore is beyond all that the restored
    database has forgotten, as the numbers of events are.
    """
    member.sign_in_epoch = max(member.sign_in_epoch + 1, int(now.timestamp() // 60))
    db.execute(sa.delete(StaffSignIn).where(StaffSignIn.staff_id == member.id))
    tell_of_account(db, member, now)
