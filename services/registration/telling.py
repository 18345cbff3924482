"""What registration tells the others: the data of its events, put together from its rows."""

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from services.chassis.outbox import News, publish_all
from services.contracts import Contract, Event
from services.contracts.sessions import SessionFacts
from services.contracts.shapes import SessionSummary
from services.registration.models import CONFIRMED, Registration, WorkshopSession

FACTS, SUMMARY = SessionFacts(), SessionSummary()
"""One of each for all: making a schema takes longer than what it is made for."""


def facts_of(session: WorkshopSession) -> dict[str, Any]:
    """The session as the catalog told it, in Python values, which are others' too."""
    return _loaded(json.dumps(session.facts))


@lru_cache(maxsize=256)
def _loaded(facts: str) -> dict[str, Any]:
    """Kept, as everybody in a rush signs up for the same few sessions."""
    loaded: dict[str, Any] = FACTS.load(json.loads(facts))
    return loaded


def recipient_of(registration: Registration) -> dict[str, str]:
    """Whom a mail about this registration goes to."""
    return {
        "name": registration.name,
        "email": registration.person.email,
        "language": registration.language,
    }


def about(registration: Registration) -> dict[str, Any]:
    """What every event about a registration says, beside the session."""
    return {
        "registration_id": registration.id,
        "link_version": registration.link_version,
        "recipient": recipient_of(registration),
        "fee_cents": registration.fee_cents,
        "status": registration.state,
    }


def summary_of(session: WorkshopSession, *, with_link: bool) -> dict[str, Any]:
    """The session as mail shows it; the join link is for the confirmed alone."""
    facts = facts_of(session)
    return facts if with_link else facts | {"join_link": ""}


@lru_cache(maxsize=256)
def _summary_in_json(facts: str, *, with_link: bool) -> dict[str, Any]:
    known = _loaded(facts)
    dumped: dict[str, Any] = SUMMARY.dump(known if with_link else known | {"join_link": ""})
    return dumped


def news_of(
    contract: Contract,
    registration: Registration,
    session: WorkshopSession,
    *,
    correlation: str = "",
    **more: Any,
) -> News:
    """What an event about a registration shall say; `more` is what its contract adds."""
    is_confirmed = registration.state == CONFIRMED
    ready = {"session": _summary_in_json(json.dumps(session.facts), with_link=is_confirmed)}
    return News(contract, registration.id, about(registration) | more, ready, correlation)


def tell(
    db: Session, contract: Contract, registration: Registration, *, now: datetime, **more: Any
) -> Event | None:
    """Publish an event about a registration, which says what `news_of` says.

    There is nobody to tell of a place that is nobody's any more.
    """
    if registration.forgotten_at is not None:
        return None
    session = db.get_one(WorkshopSession, registration.session_id)
    [event] = publish_all(db, [news_of(contract, registration, session, **more)], now=now)
    return event
