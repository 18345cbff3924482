"""Changes of staff accounts: another role, areas or local, and whether it may be used at all."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.rules import ADMIN
from services.chassis.staff import StaffMember
from services.registration.accounts import AccountRefused, Remit, give_role, tell_of_account
from services.registration.sign_ins import end_all_sign_ins


def change_role(
    db: Session,
    staff_id: UUID,
    role: str,
    remit: Remit,
    *,
    by: UUID | None = None,
    now: datetime,
) -> StaffMember:
    """Give an account another role, areas or local; `by` is who does so, None on the server.

    AccountRefused: unknown_staff, own_role, last_admin, or what `give_role` says.
    """
    member = _locked(db, staff_id)
    if role != member.role:
        _refuse_own(member, by)
        _keep_an_administrator(db, member)
    give_role(db, member, role, remit)
    tell_of_account(db, member, now)
    return member


def deactivate(
    db: Session, staff_id: UUID, *, by: UUID | None = None, now: datetime
) -> StaffMember:
    """Let an account be used no more: it is signed out everywhere, and its tokens are void.

    AccountRefused: unknown_staff, own_role, last_admin.
    """
    member = _locked(db, staff_id)
    _refuse_own(member, by)
    _keep_an_administrator(db, member)
    member.active, member.tokens = False, []
    end_all_sign_ins(db, member, now)
    return member


def activate(db: Session, staff_id: UUID, *, now: datetime) -> StaffMember:
    """Let an account be used again, with the password it had; AccountRefused: unknown_staff."""
    member = _locked(db, staff_id)
    member.active = True
    tell_of_account(db, member, now)
    return member


def _locked(db: Session, staff_id: UUID) -> StaffMember:
    member = locked(db, StaffMember, staff_id)
    if member is None:
        raise AccountRefused("unknown_staff")
    return member


def _refuse_own(member: StaffMember, by: UUID | None) -> None:
    if member.id == by:
        raise AccountRefused("own_role")


def _keep_an_administrator(db: Session, member: StaffMember) -> None:
    """The rows of all administrators are locked, so that no two take each other away."""
    query = sa.select(StaffMember).where(StaffMember.role == ADMIN, StaffMember.active)
    administrators = db.scalars(query.order_by(StaffMember.id).with_for_update()).all()
    if [each.id for each in administrators] == [member.id]:
        raise AccountRefused("last_admin")
