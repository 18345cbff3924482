"""Passwords of staff: which will do, how they are kept and compared, and changing one's own."""

import unicodedata

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session

from services.chassis.staff import StaffMember
from services.registration.schemas import LONGEST_PASSWORD
from services.registration.sign_in_models import StaffPassword

SHORTEST_PASSWORD = 15
_STRONG_ENOUGH = 4
_LONGEST_JUDGED = 72
_WORDS_OF_THE_SITE = ("turnout", "union", "syndicat", "workshop", "atelier", "password")

# The smaller of OWASP's settings: 19 MiB, so that a few sign-ins at once fit a small server.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _hasher.hash("nobody has this password")


def will_do(password: str, *, name: str, email: str) -> bool:
    """Whether it is long enough, and not one of those that are tried first.

    There is no rule about digits or signs: length and rarity are what counts.
    """
    typed = _as_typed(password)
    if not SHORTEST_PASSWORD <= len(typed) <= LONGEST_PASSWORD:
        return False
    from zxcvbn import zxcvbn  # noqa: PLC0415 - its lists of words take 15 MB; few processes need them.

    about_them = [*name.split(), *email.split("@"), email, *_WORDS_OF_THE_SITE]
    judged = zxcvbn(typed[:_LONGEST_JUDGED], user_inputs=about_them)
    return bool(judged["score"] >= _STRONG_ENOUGH)


def keep_password(db: Session, member: StaffMember, password: str) -> None:
    """Let this be the member's password from now on."""
    kept = db.get(StaffPassword, member.id)
    if kept is None:
        kept = StaffPassword(staff_id=member.id)
        db.add(kept)
    kept.hash = _hasher.hash(_as_typed(password))


def check_password(db: Session, email: str, password: str) -> StaffMember | None:
    """The active account with this address and password; a wrong address takes as long."""
    member = db.scalar(sa.select(StaffMember).where(StaffMember.email == email.casefold()))
    kept = db.get(StaffPassword, member.id) if member else None
    is_right = _matches(kept.hash if kept else _NOBODY, password)
    return member if is_right and kept and member and member.active else None


def is_password_of(db: Session, member: StaffMember, password: str) -> bool:
    """Whether a member who is signed in knows their present password."""
    kept = db.get(StaffPassword, member.id)
    return _matches(kept.hash if kept else _NOBODY, password) and kept is not None


def _matches(kept_hash: str, password: str) -> bool:
    try:
        _hasher.verify(kept_hash, _as_typed(password))
    except VerifyMismatchError:
        return False
    return True


def _as_typed(password: str) -> str:
    """As the sign-in form reads it: composed letters, no space around it."""
    return unicodedata.normalize("NFC", password).strip()
