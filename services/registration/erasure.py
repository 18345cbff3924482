"""Erasing somebody: their live places end under the lock, then nothing tells who they were."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import locked
from services.chassis.erasing import Erasure, Order, forget_events, sweep_all, take_order
from services.chassis.erasure_list import Remembered, remember, remembered
from services.chassis.i18n import translations
from services.chassis.outbox import publish
from services.chassis.service import Runtime
from services.chassis.traces import Traces
from services.contracts import Event
from services.contracts.people import ERASURE_ASKED, Who
from services.contracts.registrations import REGISTRATION_CANCELLED
from services.registration.anonymity import NOBODY, anonymise
from services.registration.attendance import has_begun
from services.registration.history import MEMBER, TURNOUT, note
from services.registration.models import (
    CANCELLED,
    LEFT,
    LIVE,
    WAITING,
    Person,
    Registration,
    WorkshopSession,
)
from services.registration.people import places_of, who_is
from services.registration.person_models import ERASURE, PersonRequest
from services.registration.requests import is_complete, new_request, note_answer
from services.registration.seats import end, fill_seats, lock_session
from services.registration.sending_models import RosterRecipient
from services.registration.telling import tell


def ask_erasure(
    db: Session, who: dict[str, Any], *, actor: str, reason: str = "", now: datetime
) -> PersonRequest:
    """Erase somebody; what the other services know of them goes in their time."""
    request = new_request(db, ERASURE, who, actor=actor, reason=reason, now=now)
    begin_erasure(db, request, now)
    return request


def begin_erasure(db: Session, request: PersonRequest, now: datetime) -> None:
    """End the places, make all of them nobody's, and ask the others. Twice changes nothing.

    The mail about a place that ended still goes out: nobody shall travel for nothing.
    """
    if request.begun_at is not None:
        return
    who = Who().load(request.who or {})
    request.begun_at = now
    places = _locked(db, who["registration_ids"])
    last_mail = [
        event.id for each in places if (event := _end(db, each, request.asked_by, now)) is not None
    ]
    anonymise(db, places, now)
    for place in places:
        note(db, place, "erased", now=now, actor=request.asked_by, reason=request.reason)
    if not who["name"]:
        _forget_address(db, who, now)
    _forget_requests(db, request)
    subjects = [str(each) for each in who["registration_ids"]]
    forget_events(db, subjects, but=last_mail)
    order = who | {"last_mail": last_mail}
    take_order(db, order, asked_at=now)
    publish(db, ERASURE_ASKED, subject=request.id, data=order, now=now)


def sessions_that_end(
    db: Session, registration_ids: Sequence[UUID], now: datetime
) -> list[WorkshopSession]:
    """The sessions in which erasing ends a place."""
    places = places_of(db, registration_ids)
    sessions = {each.id: db.get_one(WorkshopSession, each.session_id) for each in places}
    return [sessions[each.id] for each in places if _ends(each, sessions[each.id], now)]


def erase_here(runtime: Runtime, order: Order) -> dict[str, int]:
    """Sweep the words that others wrote; the last time once all services are done."""
    remember(runtime.settings.data, order.who, order.asked_at)
    with runtime.database.reading() as db:
        traces = order.traces if not _is_back(db, order) else Traces("")
    swept = sweep_all(runtime, traces, order.who["request_id"])
    with runtime.database.writing() as db:
        request = note_answer(db, order.who["request_id"], "registration", order.now)
        if request is not None and is_complete(request):
            _finish(db, request, order)
    return {"places": len(order.who["registration_ids"]), "words": sum(map(len, swept.values()))}


def on_erased(db: Session, event: Event, now: datetime) -> None:
    """A service has nothing of them any more; after the last one we sweep a last time."""
    request = note_answer(db, event.data["request_id"], event.source, now)
    if request is not None and is_complete(request):
        erasure = locked(db, Erasure, request.id)
        if erasure is not None:
            erasure.done_at = None


def _is_back(db: Session, order: Order) -> bool:
    """Whether they have signed up anew since; what is known now is not to be erased."""
    query = sa.select(Person.id).where(Person.email_key == order.who["email"].casefold())
    return not order.who["name"] and db.scalar(query) is not None


def _locked(db: Session, registration_ids: Sequence[UUID]) -> list[Registration]:
    """The places, all of their sessions locked in the order of ids."""
    places = places_of(db, registration_ids)
    for session_id in sorted({each.session_id for each in places}):
        lock_session(db, session_id)
    for place in places:
        db.refresh(place)
    return [each for each in places if each.forgotten_at is None]


def _end(db: Session, place: Registration, actor: str, now: datetime) -> Event | None:
    """End a place that has not begun; returns the event whose mail tells them so."""
    session = db.get_one(WorkshopSession, place.session_id)
    if not _ends(place, session, now):
        return None
    end(place, LEFT if place.state == WAITING else CANCELLED, now)
    words = translations(place.language).gettext(
        "Your data are erased, as was asked. Your own page is gone with them."
    )
    by = "member" if actor == MEMBER else "staff"
    note(db, place, place.state, now=now, actor=actor)
    told = tell(db, REGISTRATION_CANCELLED, place, now=now, by=by, message=words)
    fill_seats(db, session, now)
    return told


def _ends(place: Registration, session: WorkshopSession, now: datetime) -> bool:
    """Whether a place is given up: whoever is or was there, was there."""
    return place.state in LIVE and not has_begun(session, now)


def _forget_address(db: Session, who: dict[str, Any], now: datetime) -> None:
    """The person, and where they are facilitator, host or reader of a roster."""
    key = who["email"].casefold()
    for person in db.scalars(sa.select(Person).where(Person.email_key == key)):
        person.email, person.email_key = "", f"nobody:{person.id}"
        person.announcements_since = None
    if who["is_staff"]:
        return
    for row in db.scalars(sa.select(RosterRecipient).where(RosterRecipient.email_key == key)):
        row.name, row.email, row.email_key = NOBODY, "", f"nobody:{row.id}"
        row.removed_at = row.removed_at or now


def _forget_requests(db: Session, request: PersonRequest) -> None:
    """What was put together for them before goes with them, and what they asked for besides."""
    others = sa.select(PersonRequest).where(
        PersonRequest.who.is_not(None), PersonRequest.id != request.id
    )
    own = set((request.who or {})["registration_ids"])
    for each in db.scalars(others):
        if each.who is not None and own & set(each.who["registration_ids"]):
            db.delete(each)


def _finish(db: Session, request: PersonRequest, order: Order) -> None:
    """Let go of the last that told who it was: the request itself."""
    places = [str(each) for each in order.who["registration_ids"]]
    forget_events(db, [str(request.id), *places])
    request.who, request.finished_at = None, order.now
    erasure = locked(db, Erasure, request.id)
    if erasure is not None:
        erasure.who = None


def erase_again(runtime: Runtime, now: datetime) -> int:
    """After a restore: erase anew whom the database knows again; returns how many.

    Places that were taken after somebody was erased are those of somebody who came back.
    """
    return sum(_erase_again(runtime, each, now) for each in remembered(runtime.settings.data))


def _erase_again(runtime: Runtime, each: Remembered, now: datetime) -> int:
    with runtime.database.writing() as db:
        query = sa.select(Registration).where(
            Registration.id.in_(each.registration_ids), Registration.forgotten_at.is_(None)
        )
        places = db.scalars(query).all()
        if not places:
            return 0
        first = places[0]
        who = who_is(db, first.person.email, name=first.name)
        again = who | {"registration_ids": [place.id for place in places]}
        ask_erasure(db, again, actor=TURNOUT, reason="", now=now)
    return 1
