"""The second factor of a staff account: codes of an authenticator app, and recovery codes."""

import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID

import pyotp
import sqlalchemy as sa
from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from services.chassis.db import insert_new, locked
from services.chassis.log import logger
from services.chassis.policy import ACTIONS
from services.chassis.rules import Actor, may
from services.chassis.staff import StaffMember, digest
from services.registration.account_history import (
    CODE_USED,
    CODES_RENEWED,
    FACTOR_RESET,
    FACTOR_SET,
    By,
    by_account,
    note_account,
)
from services.registration.sealing import Seal
from services.registration.sign_in_models import RecoveryCode, SecondFactor
from services.registration.sign_ins import end_all_sign_ins

GRACE = timedelta(days=14)
"""From the first sign-in. No setting: one could be set to never, and a password would be enough."""

RECOVERY_CODES = 8
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS = 6
_STEPS_APART = (-1, 0, 1)

log = logger(__name__)


def is_needed_by(role: str, now: datetime) -> bool:
    """Whether a role needs one: all do that may see what the audit log keeps an eye on."""
    watched = (action for action in ACTIONS.values() if action.is_recorded)
    return any(may(Actor(role, now), action) for action in watched)


def factor_of(db: Session, member: StaffMember, now: datetime) -> SecondFactor:
    """The member's second factor; at the first sign-in the grace period begins."""
    insert_new(
        db,
        SecondFactor,
        staff_id=member.id,
        due_at=now + GRACE,
        secret="",
        new_secret="",
        last_step=0,
    )
    return _locked(db, member.id)


def has_factor(db: Session, staff_id: UUID) -> bool:
    """Whether an account has set one up."""
    factor = db.get(SecondFactor, staff_id)
    return factor is not None and factor.secret != ""


def propose(db: Session, member: StaffMember, seal: Seal, now: datetime) -> None:
    """Make a new secret; it counts once the app has shown a code for it."""
    factor_of(db, member, now).new_secret = seal.close(pyotp.random_base32())


def proposed(db: Session, staff_id: UUID, seal: Seal) -> str:
    """The secret that waits for its first code, in base32; empty when there is none."""
    factor = db.get(SecondFactor, staff_id)
    return _opened(factor.new_secret, seal) if factor else ""


def confirm(
    db: Session, member: StaffMember, code: str, seal: Seal, now: datetime
) -> list[str] | None:
    """Let the proposed secret count; the recovery codes, to be shown once. None: a wrong code.

    Every sign-in of the member ends.
    """
    factor = _locked(db, member.id)
    step = _step_of(code, _opened(factor.new_secret, seal), now)
    if step is None:
        return None
    factor.secret, factor.new_secret = factor.new_secret, ""
    factor.since, factor.last_step = now, step
    codes = _make_codes(db, member.id)
    end_all_sign_ins(db, member, now)
    note_account(db, member, FACTOR_SET, by=by_account(member), now=now)
    return codes


def take_code(db: Session, member: StaffMember, code: str, seal: Seal, now: datetime) -> bool:
    """Whether the app shows this code now; it is taken once, and no older one after it."""
    factor = _locked(db, member.id)
    step = _step_of(code, _opened(factor.secret, seal), now)
    if step is None or step <= factor.last_step:
        return False
    factor.last_step, factor.secret = step, seal.close_anew(factor.secret)
    return True


def take_recovery_code(db: Session, member: StaffMember, code: str, now: datetime) -> bool:
    """Whether this is one of the member's recovery codes; it is good once."""
    typed = "".join(each for each in code.casefold() if each.isalnum())
    row = locked(db, RecoveryCode, digest(typed))
    if row is None or row.staff_id != member.id or row.used_at is not None:
        return False
    row.used_at = now
    note_account(db, member, CODE_USED, by=by_account(member), now=now)
    return True


def count_codes(db: Session, staff_id: UUID) -> int:
    """How many recovery codes are left."""
    unused = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    return db.scalar(sa.select(sa.func.count()).select_from(RecoveryCode).where(*unused)) or 0


def renew_codes(db: Session, member: StaffMember, now: datetime) -> list[str]:
    """New recovery codes, to be shown once; those from before are good no more."""
    codes = _make_codes(db, member.id)
    note_account(db, member, CODES_RENEWED, by=by_account(member), now=now)
    return codes


def reset_factor(db: Session, member: StaffMember, *, by: By, now: datetime) -> None:
    """Take the second factor away from somebody who has lost it; the next sign-in asks for a new.

    There is no second grace period, and every sign-in of theirs ends.
    """
    factor = factor_of(db, member, now)
    factor.secret, factor.new_secret, factor.since = "", "", None
    factor.due_at = min(factor.due_at, now)
    db.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == member.id))
    end_all_sign_ins(db, member, now)
    note_account(db, member, FACTOR_RESET, by=by, now=now)


def _locked(db: Session, staff_id: UUID) -> SecondFactor:
    factor = locked(db, SecondFactor, staff_id)
    if factor is None:
        raise LookupError("no second factor was begun for this account")
    return factor


def _opened(sealed: str, seal: Seal) -> str:
    """The secret; empty when there is none, or when it was sealed under another secret key."""
    if not sealed:
        return ""
    try:
        return seal.open(sealed)
    except InvalidToken:
        log.error("second factor was sealed under another secret key")
        return ""


def _step_of(code: str, secret: str, now: datetime) -> int | None:
    """The time step whose code this is: the present one, the one before, or the one after."""
    typed = "".join(code.split())
    if not secret or not (typed.isascii() and typed.isdigit()):
        return None
    app = pyotp.TOTP(secret)
    present = app.timecode(now)
    for step in (present + apart for apart in _STEPS_APART):
        if hmac.compare_digest(app.generate_otp(step), typed):
            return step
    return None


def _make_codes(db: Session, staff_id: UUID) -> list[str]:
    """119 random bits each, so that a plain digest is enough to keep."""
    db.execute(sa.delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    db.add_all(
        RecoveryCode(digest=digest("".join(each.split("-"))), staff_id=staff_id) for each in codes
    )
    return codes


def _random_code() -> str:
    groups = ("".join(secrets.choice(_LEGIBLE) for _ in range(4)) for _ in range(_GROUPS))
    return "-".join(groups)
