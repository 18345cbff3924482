"""What the services have found of somebody: taken in as it arrives, and put together."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.chassis.erasing import forget_events
from services.contracts import SERVICES, Event
from services.registration.person_models import FoundPart, PersonRequest
from services.registration.requests import delayed, is_complete, note_answer


def on_found(db: Session, event: Event, now: datetime) -> None:
    """Keep a part; the last one of the last service completes the request."""
    data, service = event.data, event.source
    request = db.get(PersonRequest, data["request_id"], with_for_update=True)
    if request is None:
        return  # It was kept no longer.
    part = {name: data[name] for name in ("request_id", "part", "parts", "rows")}
    insert_new(db, FoundPart, service=service, **part)
    query = sa.select(sa.func.count()).select_from(FoundPart)
    known = db.scalar(query.where(FoundPart.request_id == request.id, FoundPart.service == service))
    if known == data["parts"]:
        answered = note_answer(db, request.id, service, now)
        if answered is not None and is_complete(answered):
            answered.finished_at = now
            forget_events(db, [str(request.id)])


def everything(db: Session, request: PersonRequest) -> dict[str, Any]:
    """The file that somebody gets: rows by service and kind, and who has yet to answer."""
    query = sa.select(FoundPart).where(FoundPart.request_id == request.id)
    parts = db.scalars(query.order_by(FoundPart.service, FoundPart.part)).all()
    found: dict[str, dict[str, list[Any]]] = {each: {} for each in SERVICES}
    for part in parts:
        for kind, rows in part.rows.items():
            found[part.service].setdefault(kind, []).extend(rows)
    return {
        "email": (request.who or {}).get("email", ""),
        "asked_at": request.asked_at.isoformat(),
        "delayed": delayed(request.answers),
        "found": found,
    }
