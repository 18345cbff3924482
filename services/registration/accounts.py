"""Staff accounts: adding them, telling the others of them, and the tokens that act for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.areas import as_known
from services.chassis.ids import new_id
from services.chassis.outbox import publish
from services.chassis.rules import COORDINATOR, LOCAL_OFFICER
from services.chassis.staff import StaffMember
from services.contracts.staff import ROLES, STAFF_CHANGED
from services.registration.directory import areas_of_locals
from services.registration.models import Organisation, WorkshopSession
from services.registration.passwords import keep_password, will_do


class AccountRefused(Exception):
    """An account that cannot be made so; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Remit:
    """What a role is limited to: a coordinator's areas, a local officer's local."""

    areas: Sequence[str] = ()
    organisation_id: UUID | None = None


def add_staff(
    db: Session,
    *,
    name: str,
    email: str,
    role: str,
    password: str,
    language: str = "en",
    remit: Remit | None = None,
    now: datetime,
) -> StaffMember:
    """Add a staff account.

    AccountRefused: weak_password, address_taken, or what `give_role` says.
    """
    if not will_do(password, name=name, email=email):
        raise AccountRefused("weak_password")
    if by_email(db, email) is not None:
        raise AccountRefused("address_taken")
    member = StaffMember(
        id=new_id(),
        name=name,
        email=email.casefold(),
        role="",
        language=language,
        active=True,
        sign_in_epoch=0,
        sequence=0,
    )
    give_role(db, member, role, remit or Remit())
    db.add(member)
    keep_password(db, member, password)
    tell_of_account(db, member, now)
    return member


def give_role(db: Session, member: StaffMember, role: str, remit: Remit) -> None:
    """Let a coordinator have areas and a local officer a local; others have neither.

    AccountRefused: unknown_role, unknown_area, needs_local.
    """
    if role not in ROLES:
        raise AccountRefused("unknown_role")
    known = areas_in_use(db)
    found = [as_known(each, known) for each in remit.areas if role == COORDINATOR]
    if set(found) - set(known):
        raise AccountRefused("unknown_area")
    local = db.get(Organisation, remit.organisation_id) if remit.organisation_id else None
    if role == LOCAL_OFFICER and local is None:
        raise AccountRefused("needs_local")
    member.role, member.areas = role, sorted(set(found))
    member.organisation_id = local.id if local and role == LOCAL_OFFICER else None


def areas_in_use(db: Session) -> list[str]:
    """The areas that locals and sessions are in."""
    of_sessions = db.scalars(sa.select(WorkshopSession.area).distinct())
    return sorted({*areas_of_locals(db), *of_sessions} - {""}, key=str.casefold)


def by_email(db: Session, email: str) -> StaffMember | None:
    """The account with this address, whether it is active or not."""
    return db.scalar(sa.select(StaffMember).where(StaffMember.email == email.casefold()))


def tell_of_account(db: Session, member: StaffMember, now: datetime) -> None:
    """Let the other services have their copy of the account."""
    facts = {
        "staff_id": member.id,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "language": member.language,
        "active": member.active,
        "sign_in_epoch": member.sign_in_epoch,
        "areas": member.areas,
        "organisation_id": member.organisation_id,
        "tokens": [
            {"digest": each.digest, "expires_at": each.expires_at, "actions": each.actions}
            for each in member.tokens
        ],
    }
    publish(db, STAFF_CHANGED, subject=member.id, data=facts, now=now)
