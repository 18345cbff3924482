"""Access tokens: what a program may do for a member of staff, for how long, and when it did."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.policy import (
    ACT_ON_PLACE,
    CANCEL_SESSIONS,
    EDIT_SESSIONS,
    EDIT_WORKSHOPS,
    GET_ROSTER,
    PUBLISH_SESSIONS,
    SEE_CONTACTS,
    SEE_PEOPLE,
    SEE_WORKSHOPS,
)
from services.chassis.rules import Action
from services.chassis.staff import AccessToken, StaffMember, digest
from services.registration.accounts import AccountRefused, by_email, tell_of_account

PREFIX = "turnout_"
MOST_DAYS = 3650
FOR_PROGRAMS = (
    *(SEE_PEOPLE, SEE_CONTACTS, GET_ROSTER, ACT_ON_PLACE),
    *(SEE_WORKSHOPS, EDIT_WORKSHOPS, EDIT_SESSIONS, PUBLISH_SESSIONS, CANCEL_SESSIONS),
)
"""What the JSON API can do for staff, and so what a token can be for."""


def grantable(member: StaffMember) -> list[Action]:
    """What a member of staff can let a program do: never more than they may."""
    return [each for each in FOR_PROGRAMS if member.role in each.rights]


def make_token(
    db: Session,
    *,
    email: str,
    days: int,
    name: str = "",
    actions: Sequence[str] | None = None,
    now: datetime,
) -> str:
    """A new access token, to be shown once; without `actions` it may do all that its owner may.

    AccountRefused: unknown_staff, not_grantable.
    """
    member = by_email(db, email)
    if member is None or not member.active:
        raise AccountRefused("unknown_staff")
    if actions is not None and not set(actions) <= {each.name for each in grantable(member)}:
        raise AccountRefused("not_grantable")
    token = PREFIX + secrets.token_urlsafe(32)
    member.tokens.append(
        AccessToken(
            digest=digest(token),
            expires_at=now + timedelta(days=days),
            name=name,
            actions=None if actions is None else sorted(set(actions)),
        )
    )
    tell_of_account(db, member, now)
    return token


def revoke_token(db: Session, token_digest: str, now: datetime) -> None:
    """Let a token be good for nothing, in every service; AccountRefused: unknown_token."""
    token = db.get(AccessToken, token_digest)
    member = locked(db, StaffMember, token.staff_id) if token else None
    if token is None or member is None:
        raise AccountRefused("unknown_token")
    member.tokens = [each for each in member.tokens if each.digest != token_digest]
    tell_of_account(db, member, now)


def tokens_of(db: Session, staff_id: UUID | None) -> Sequence[tuple[AccessToken, StaffMember]]:
    """The tokens of one member of staff, or of all, those that end last first."""
    query = sa.select(AccessToken, StaffMember).join(
        StaffMember, StaffMember.id == AccessToken.staff_id
    )
    if staff_id is not None:
        query = query.where(StaffMember.id == staff_id)
    return [(row[0], row[1]) for row in db.execute(query.order_by(AccessToken.expires_at.desc()))]
