"""Requests of people: asking for somebody's data, or to be forgotten, and how far that is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.outbox import publish
from services.contracts import SERVICES
from services.contracts.people import EXPORT_ASKED, LINK_ASKED, Who
from services.registration.export import rows_of
from services.registration.history import MEMBER
from services.registration.people import who_is
from services.registration.person_models import EXPORT, FoundPart, PersonRequest
from services.registration.places import lock_registration
from services.registration.telling import recipient_of

LINK_LIVES = timedelta(days=3)
MAIL_AGAIN_AFTER = timedelta(hours=1)
OWN = "registration"


class UnknownRequest(Exception):
    """There is no such request, or its link has died."""


def ask_export(
    db: Session, who: dict[str, Any], *, actor: str, reason: str = "", now: datetime
) -> PersonRequest:
    """Have everything about somebody put together; the other services answer in their time."""
    request = new_request(db, EXPORT, who, actor=actor, reason=reason, now=now)
    begin_export(db, request, now)
    return request


def begin_export(db: Session, request: PersonRequest, now: datetime) -> None:
    """Put our own part in, and ask the others for theirs."""
    who = Who().load(request.who or {})
    request.begun_at = now
    found = rows_of(db, who)
    db.add(FoundPart(request_id=request.id, service=OWN, part=1, parts=1, rows=found))
    request.answers = {OWN: now.isoformat()}
    publish(db, EXPORT_ASKED, subject=request.id, data=who, now=now)


def ask_by_member(
    db: Session, registration_id: UUID, kind: str, *, now: datetime
) -> PersonRequest | None:
    """Mail a link that does what a member asks for, to the address of their place.

    A page can be open in other hands, and its link passed on; the mailbox is theirs. None when
    such a mail has gone there within the hour.
    """
    _session, registration = lock_registration(db, registration_id)
    lately = sa.select(PersonRequest.id).where(
        PersonRequest.asked_through == registration.id,
        PersonRequest.kind == kind,
        PersonRequest.asked_at > now - MAIL_AGAIN_AFTER,
    )
    if db.scalar(lately.limit(1)) is not None:
        return None
    who = who_is(db, registration.person.email, name=registration.name)
    request = new_request(db, kind, who, actor=MEMBER, reason="", now=now)
    request.asked_through, request.link_until = registration.id, now + LINK_LIVES
    data = {
        "request_id": request.id,
        "request": kind,
        "recipient": recipient_of(registration),
        "expires_at": request.link_until,
    }
    publish(db, LINK_ASKED, subject=request.id, data=data, now=now)
    if kind == EXPORT:
        begin_export(db, request, now)  # So that it is there when the mail is opened.
    return request


def request_by_link(db: Session, request_id: UUID, now: datetime) -> PersonRequest:
    """A member's own request; UnknownRequest once its link has died."""
    request = db.get(PersonRequest, request_id)
    if request is None or request.link_until is None or request.link_until <= now:
        raise UnknownRequest(request_id)
    return request


def note_answer(db: Session, request_id: UUID, service: str, now: datetime) -> PersonRequest | None:
    """Note that a service has done its part; None when the request is gone or was done."""
    request = locked(db, PersonRequest, request_id)
    if request is None or request.finished_at is not None:
        return None
    request.answers = {**request.answers, service: now.isoformat()}
    return request


def is_complete(request: PersonRequest) -> bool:
    """Whether every service has answered."""
    return set(request.answers) >= set(SERVICES)


def delayed(answers: Mapping[str, Any]) -> list[str]:
    """The services that have yet to answer."""
    return [each for each in SERVICES if each not in answers]


def new_request(
    db: Session, kind: str, who: dict[str, Any], *, actor: str, reason: str, now: datetime
) -> PersonRequest:
    """Write down what somebody wants, or staff for them."""
    request = PersonRequest(
        id=who["request_id"],
        kind=kind,
        who=Who().dump(who),
        asked_at=now,
        asked_by=actor,
        reason=reason,
        answers={},
    )
    db.add(request)
    db.flush()
    return request
