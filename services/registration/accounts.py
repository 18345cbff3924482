"""Staff accounts: adding them, checking their passwords, and the tokens that act for them."""

import secrets
import unicodedata
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.chassis.outbox import publish
from services.chassis.staff import AccessToken, StaffMember, digest
from services.contracts.staff import ROLES, STAFF_CHANGED
from services.registration.models import StaffPassword
from services.registration.schemas import LONGEST_PASSWORD

SHORTEST_PASSWORD = 12
TOKEN_PREFIX = "turnout_"  # noqa: S105 - it only shows whose token it is.

# The smaller of OWASP's settings: 19 MiB, so that a few sign-ins at once fit a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


class AccountRefused(Exception):
    """An account that cannot be made so; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def add_staff(
    db: Session,
    *,
    name: str,
    email: str,
    role: str,
    password: str,
    language: str = "en",
    now: datetime,
) -> StaffMember:
    """Add a staff account; AccountRefused: unknown_role, weak_password, address_taken."""
    if role not in ROLES:
        raise AccountRefused("unknown_role")
    if not SHORTEST_PASSWORD <= len(_as_typed(password)) <= LONGEST_PASSWORD:
        raise AccountRefused("weak_password")
    if _by_email(db, email) is not None:
        raise AccountRefused("address_taken")
    member = StaffMember(
        id=new_id(),
        name=name,
        email=email.casefold(),
        role=role,
        language=language,
        active=True,
        sign_in_epoch=0,
        sequence=0,
    )
    db.add(member)
    db.add(StaffPassword(staff_id=member.id, hash=_hasher.hash(_as_typed(password))))
    _tell(db, member, now)
    return member


def make_token(db: Session, *, email: str, days: int, now: datetime) -> str:
    """A new access token, to be shown once; AccountRefused: unknown_staff."""
    member = _by_email(db, email)
    if member is None or not member.active:
        raise AccountRefused("unknown_staff")
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    member.tokens.append(AccessToken(digest=digest(token), expires_at=now + timedelta(days=days)))
    _tell(db, member, now)
    return token


def check_password(db: Session, email: str, password: str) -> StaffMember | None:
    """The active account with this address and password; a wrong address takes as long."""
    member = _by_email(db, email)
    kept = db.get(StaffPassword, member.id) if member else None
    try:
        _hasher.verify(kept.hash if kept else _NOBODY, _as_typed(password))
    except VerifyMismatchError:
        return None
    return member if kept and member and member.active else None


def _as_typed(password: str) -> str:
    """As the sign-in form reads it: composed letters, no space around it."""
    return unicodedata.normalize("NFC", password).strip()


def _by_email(db: Session, email: str) -> StaffMember | None:
    return db.scalar(sa.select(StaffMember).where(StaffMember.email == email.casefold()))


def _tell(db: Session, member: StaffMember, now: datetime) -> None:
    """Let the other services have their copy of the account."""
    facts = {
        "staff_id": member.id,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "language": member.language,
        "active": member.active,
        "sign_in_epoch": member.sign_in_epoch,
        "tokens": [
            {"digest": each.digest, "expires_at": each.expires_at} for each in member.tokens
        ],
    }
    publish(db, STAFF_CHANGED, subject=member.id, data=facts, now=now)
