"""What tests of the catalogue begin with: listings, events, sessions."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa

from services.catalog import commands
from services.catalog.models import WorkshopSession
from services.chassis.ids import new_id
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.staff import digest

NOW = datetime(2026, 1, 5, 15, tzinfo=UTC)
REAL_LISTING = (Path(__file__).parents[1] / "unit/listing/listing.txt").read_text(encoding="utf-8")
ACTOR = "Sam Rivera"
TOKENS = {role: f"token of the {role}" for role in ("admin", "coordinator", "facilitator")}
_STAFF = UUID("00000000-0000-7000-8000-000000000001")

ONE_ENTRY = """Feb 20, 2026 | Windsor Area Office, Windsor, Ontario | English | $25 (Affiliate) | $30 (Non-affiliate)
Introduction to Stewarding

In this 6-hour workshop you learn to file a grievance.

NOTE: Please bring your collective agreement.
"""  # noqa: E501 - a line of a listing is one line


def a_day(day: str = "2026-02-20", starts: str = "09:00", ends: str = "16:00") -> dict[str, Any]:
    hours = [time.fromisoformat(each) if each else None for each in (starts, ends)]
    return {"date": date.fromisoformat(day), "starts": hours[0], "ends": hours[1]}


def session_values(**but: Any) -> dict[str, Any]:
    """All that a session needs to be published."""
    values = {
        "days": [a_day()],
        "online": False,
        "venue": "Windsor Area Office",
        "city": "Windsor",
        "province": "ON",
        "language": "en",
        "capacity": 20,
        "fee_affiliate_cents": 2500,
        "fee_other_cents": 3000,
        "facilitators": [{"name": "Ana Silva", "email": "ana@example.org", "language": "en"}],
        "host": {"name": "Jo Roy", "email": "jo@example.org", "language": "fr"},
    }
    return {**values, **but}


def a_draft(
    runtime: Runtime, *, title_en: str = "Stewarding", title_fr: str = "", **but: Any
) -> WorkshopSession:
    workshop_texts = ("description_en", "bring_en", "prerequisites_en", "topic", "series", "hours")
    texts = {name: but.pop(name) for name in workshop_texts if name in but}
    with runtime.database.writing() as db:
        texts |= {"title_en": title_en, "title_fr": title_fr}
        workshop = commands.create_workshop(db, texts, actor=ACTOR, now=NOW)
        return commands.create_session(db, workshop.id, session_values(**but), actor=ACTOR, now=NOW)


def a_session(runtime: Runtime, **but: Any) -> WorkshopSession:
    """A published one."""
    draft = a_draft(runtime, **but)
    with runtime.database.writing() as db:
        return commands.publish_session(db, draft.id, actor=ACTOR, now=NOW)


def reread(runtime: Runtime, session_id: UUID) -> WorkshopSession:
    with runtime.database.reading() as db:
        session = db.get_one(WorkshopSession, session_id)
        assert session.history is not None
        return session


def all_sessions(runtime: Runtime) -> list[WorkshopSession]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(WorkshopSession).order_by(WorkshopSession.first_day)))


def events(runtime: Runtime, name: str) -> list[dict[str, Any]]:
    """The envelopes that wait in the outbox, oldest first."""
    with runtime.database.reading() as db:
        query = sa.select(OutboxRow.envelope).where(OutboxRow.type == f"{name}.v1")
        return list(db.scalars(query.order_by(OutboxRow.event_id)))


def seats_event(session_id: UUID, sequence: int = 1, **but: Any) -> dict[str, Any]:
    facts = {"capacity": 20, "held": 0, "waiting": 0, "session_id": str(session_id), **but}
    return _envelope("seats.changed.v1", str(session_id), facts, sequence)


def staff_event(role: str) -> dict[str, Any]:
    facts = {
        "staff_id": str(uuid5(_STAFF, role)),
        "name": role.title(),
        "email": f"{role}@example.org",
        "role": role,
        "language": "en",
        "active": True,
        "sign_in_epoch": 0,
        "tokens": [{"digest": digest(TOKENS[role]), "expires_at": "2030-01-01T00:00:00+00:00"}],
    }
    return _envelope("staff.changed.v1", str(facts["staff_id"]), facts, 1)


def _envelope(kind: str, subject: str, data: dict[str, Any], sequence: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": str(new_id()),
        "type": kind,
        "source": "registration",
        "subject": subject,
        "time": NOW.isoformat(),
        "datacontenttype": "application/json",
        "sequence": sequence,
        "correlationid": "test",
        "data": data,
    }
