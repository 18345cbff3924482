"""Sessions and sign-ups for tests, with sensible values unless told otherwise."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.contracts import CONTRACTS, Event
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration import signing_up
from services.registration.answers import Answer, Request, SignUp
from services.registration.handlers import on_session
from services.registration.models import Registration
from services.registration.seats import lock_session
from services.registration.together import sign_up_together

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def facts(**but: Any) -> dict[str, Any]:
    """What the catalog tells of a session, thirty days after NOW unless told otherwise."""
    days = but.pop("days", [date(2026, 4, 1)])
    known = {
        "session_id": new_id(),
        "workshop_id": new_id(),
        "status": "published",
        "title": {"en": "Grievance Handling", "fr": "Traitement des griefs"},
        "days": [{"date": day, "starts": time(9), "ends": time(16)} for day in days],
        "zone": "America/Toronto",
        "online": False,
        "place": "Union Hall, Sudbury, Ontario",
        "room": "Room 2",
        "join_link": "",
        "province": "ON",
        "language": "en",
        "capacity": 2,
        "fee_affiliate_cents": 2500,
        "fee_other_cents": 3000,
        "bring": {"en": "Your collective agreement", "fr": "Votre convention collective"},
        "prerequisites": {"en": "", "fr": ""},
        "closes_at": datetime(2026, 4, 1, 13, 0, tzinfo=UTC),
        "facilitators": [
            {"name": "Facilitator", "email": "facilitator@example.org", "language": "en"}
        ],
        "host": {"name": "Host", "email": "host@example.org", "language": "fr"},
    }
    return known | but


def tell_of(
    runtime: Runtime, session: dict[str, Any], *, sequence: int = 1, now: datetime = NOW
) -> UUID:
    """Let registration hear of a session as the worker would; returns its id."""
    data = SESSION_PUBLISHED.load(SESSION_PUBLISHED.dump(session))
    event = Event(
        id=new_id(),
        type=SESSION_PUBLISHED.type,
        source="catalog",
        subject=str(data["session_id"]),
        time=now,
        sequence=sequence,
        correlationid="test",
        data=data,
    )
    with runtime.database.writing() as db:
        on_session(db, event, now)
    return UUID(str(data["session_id"]))


def a_session(runtime: Runtime, **but: Any) -> UUID:
    """A published session's id."""
    return tell_of(runtime, facts(**but))


def soon(**but: Any) -> dict[str, Any]:
    """Facts of a session thirty days from the real now, for tests through pages."""
    day = (datetime.now(UTC) + timedelta(days=30)).date()
    closes = datetime.combine(day, time(13), UTC)
    return facts(**({"days": [day], "closes_at": closes} | but))


def session_row(session: dict[str, Any]) -> dict[str, Any]:
    """A session with these facts as its table has had it since the first migration."""
    return {
        "id": session["session_id"],
        "workshop_id": session["workshop_id"],
        "sequence": 1,
        "status": "published",
        "capacity": 2,
        "starts_at": NOW,
        "closes_at": NOW,
        "ends_on": date(2026, 4, 1),
        "auto_promote": False,
        "arrivals": 0,
        "facts": SESSION_PUBLISHED.dump(session),
    }


def an_entry(name: str = "Alex Rivera", **but: Any) -> SignUp:
    """A sign-up."""
    email = f"{name.lower().replace(' ', '.')}@example.org"
    known = {"name": name, "email": email, "language": "en", "organisation_name": "Local 1207"}
    return SignUp(**(known | but))


def sign_up(
    db: Session, session_id: UUID, entry: SignUp, *, key: str = "", now: datetime
) -> Answer:
    """One sign-up, in a transaction of the caller's."""
    [answer] = _answers(db, session_id, [Request(entry, key)], now)
    return answer


def sign_up_all(
    db: Session, session_id: UUID, entries: Sequence[SignUp], *, now: datetime
) -> list[Answer]:
    """Several sign-ups at once, in a transaction of the caller's."""
    return _answers(db, session_id, [Request(each) for each in entries], now)


def _answers(
    db: Session, session_id: UUID, requests: Sequence[Request], now: datetime
) -> list[Answer]:
    outcomes = signing_up.sign_up(db, lock_session(db, session_id), requests, now=now)
    for each in outcomes:
        if isinstance(each, Exception):
            raise each
    return [each for each in outcomes if isinstance(each, Answer)]


def signed_up(
    runtime: Runtime, session_id: UUID, name: str, *, now: datetime = NOW, **but: Any
) -> Answer:
    """Somebody signs up, as through a page."""
    return sign_up_together(runtime.database, session_id, an_entry(name, **but), now=now)


def state_of(runtime: Runtime, answer: Answer) -> str:
    """The state of a registration now."""
    with runtime.database.reading() as db:
        return db.get_one(Registration, answer.registration.id).state


def told(runtime: Runtime, answer: Answer | None = None) -> list[str]:
    """The types of the events that were written, about one registration or about all."""
    query = sa.select(OutboxRow).order_by(OutboxRow.event_id)
    if answer is not None:
        query = query.where(OutboxRow.subject == str(answer.registration.id))
    with runtime.database.reading() as db:
        rows = db.scalars(query).all()
    for row in rows:
        CONTRACTS[row.type].load(row.envelope["data"])
    return [row.type for row in rows if answer or row.type != "staff.changed.v2"]
