"""What the catalogue knows of people: who leads and who hosts a session."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.models import WorkshopSession
from services.chassis.erasing import Order, sweep_all
from services.chassis.erasure_list import Known, take_orders_again
from services.chassis.outbox import publish
from services.chassis.service import Runtime
from services.chassis.traces import Traces
from services.contracts import Event
from services.contracts.people import CONTACTS_FOUND

Row = dict[str, Any]


def on_export_asked(db: Session, event: Event, now: datetime) -> None:
    """Answer with the sessions that somebody leads or hosts, also when there are none."""
    order = Order(event.data, asked_at=event.time, now=now)
    rows = list(_contacts(db, order))
    data = {
        "request_id": event.data["request_id"],
        "part": 1,
        "parts": 1,
        "rows": {"contacts": rows} if rows else {},
    }
    publish(db, CONTACTS_FOUND, subject=event.data["request_id"], data=data, now=now)


def erase_contacts(runtime: Runtime, order: Order) -> dict[str, int]:
    """Take somebody out of all sessions and of their history."""
    with runtime.database.reading() as db:
        is_back = _is_named_since(db, order)
    swept = sweep_all(runtime, Traces("") if is_back else order.traces, order.who["request_id"])
    return {"words": sum(map(len, swept.values()))}


def _contacts(db: Session, order: Order) -> Iterator[Row]:
    for session in db.scalars(sa.select(WorkshopSession).order_by(WorkshopSession.first_day)):
        for role, contact in _people(session):
            if order.is_theirs(contact["email"], contact["name"]):
                yield {
                    "session": session.workshop.words("title"),
                    "first_day": session.first_day.isoformat() if session.first_day else "",
                    "role": role,
                    **contact,
                }


def _people(session: WorkshopSession) -> Iterator[tuple[str, dict[str, str]]]:
    yield from (("facilitator", each) for each in session.facilitators)
    if session.host:
        yield "host", session.host


def _is_named_since(db: Session, order: Order) -> bool:
    """Whether a session that was made since names them: they are known again."""
    query = sa.select(WorkshopSession).where(WorkshopSession.created_at > order.asked_at)
    return any(
        order.is_theirs(contact["email"], contact["name"])
        for session in db.scalars(query)
        for _role, contact in _people(session)
    )


def erase_again(runtime: Runtime) -> int:
    """After a restore: order anew the erasure of whom the database knows again."""
    with runtime.database.reading() as db:
        known = [
            Known(contact["email"], contact["name"], session.created_at)
            for session in db.scalars(sa.select(WorkshopSession))
            for _role, contact in _people(session)
        ]
    return take_orders_again(runtime, known)
