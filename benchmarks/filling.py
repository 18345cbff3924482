"""A site with many registrations: rows as the product would have written them.

Each registration has its person, its history, its event in the outbox, the other service's note
of it, and its mail.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from infra.composition import begin
from services.chassis.config import Settings
from services.chassis.ids import new_id
from services.chassis.inbox import APPLIED, InboxRow
from services.chassis.outbox import OutboxRow
from services.notify.models import ACCEPTED, Delivery
from services.registration.models import HistoryEntry, Person, Registration, WorkshopSession

AT_ONCE = 5_000
SEATS = 30
NOW = datetime.now(UTC)
GOLDEN = Path("tests/contracts/golden/session.published.v1.json")
PUBLISHED = json.loads(GOLDEN.read_text(encoding="utf-8"))["data"]


def fill(settings: Settings, registrations: int) -> None:
    """Write the rows into registration's and notify's databases."""
    runtimes = [begin(name, settings) for name in ("registration", "notify")]
    for first in range(0, registrations, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, registrations))
        facts = [_facts(number) for number in numbers]
        for runtime, rows in zip(runtimes, (_registered, _told), strict=True):
            with runtime.database.writing() as db:
                _insert(db, rows(facts))
    for runtime in runtimes:
        runtime.database.dispose()


def _insert(db: Session, tables: Iterator[tuple[Any, Sequence[dict[str, Any]]]]) -> None:
    for model, rows in tables:
        if rows:
            db.execute(sa.insert(model), list(rows))


_sessions: list[Any] = []


def _facts(number: int) -> dict[str, Any]:
    if number % SEATS == 0:
        _sessions.append(new_id())
    return {
        "number": number,
        "session": _sessions[-1],
        "person": new_id(),
        "registration": new_id(),
        "event": new_id(),
        "email": f"member.{number}@example.org",
        "text": {"words": "Grievance handling, Union Hall, Sudbury. " * 20},
    }


def _registered(facts: list[dict[str, Any]]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield WorkshopSession, [_session(each) for each in facts if each["number"] % SEATS == 0]
    yield (
        Person,
        [
            {"id": each["person"], "email_key": each["email"], "email": each["email"]}
            | {"created_at": NOW, "mail_failure": ""}
            for each in facts
        ],
    )
    yield Registration, [_registration(each) for each in facts]
    yield (
        HistoryEntry,
        [
            {"id": new_id(), "session_id": each["session"], "at": NOW, "actor": "member"}
            | {"registration_id": each["registration"], "action": "confirmed", "reason": ""}
            for each in facts
        ],
    )
    yield OutboxRow, [_outbox(each) for each in facts]


def _session(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": facts["session"],
        "workshop_id": new_id(),
        "sequence": 1,
        "status": "cancelled",
        "capacity": SEATS,
        "starts_at": NOW + timedelta(days=30),
        "ends_on": date(2027, 1, 1),
        "closes_at": NOW + timedelta(days=29),
        "auto_promote": False,
        "facts": PUBLISHED | {"session_id": str(facts["session"])},
    }


def _registration(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": facts["registration"],
        "session_id": facts["session"],
        "person_id": facts["person"],
        "organisation_name": "Local 1204",
        "name": f"Member {facts['number']}",
        "language": "en",
        "state": "confirmed",
        "arrival": facts["number"],
        "joined_at": NOW,
        "fee_cents": 2500,
        "fee_rule": "affiliate",
    }


def _outbox(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": facts["event"],
        "subscriber": "notify",
        "type": "registration.confirmed.v1",
        "subject": str(facts["registration"]),
        "envelope": facts["text"],
        "created_at": NOW,
        "next_attempt_at": NOW,
        "confirmed_at": NOW - timedelta(hours=1),
    }


def _told(facts: list[dict[str, Any]]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    yield (
        InboxRow,
        [
            {"event_id": each["event"], "producer": "registration", "subject": "one"}
            | {"type": "registration.confirmed.v1", "received_at": NOW, "outcome": APPLIED}
            | {"attempts": 1, "error": "", "envelope": None}
            for each in facts
        ],
    )
    yield Delivery, [_delivery(each) for each in facts]


def _delivery(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": new_id(),
        "dedupe_key": str(facts["event"]),
        "event_id": facts["event"],
        "event_type": "registration.confirmed.v1",
        "event_time": NOW - timedelta(hours=1),
        "correlation_id": "benchmark",
        "kind": "confirmed",
        "subject_id": facts["registration"],
        "sequence": 1,
        "session_id": facts["session"],
        "recipient_name": f"Member {facts['number']}",
        "recipient_email": facts["email"],
        "language": "en",
        "context": facts["text"],
        "state": ACCEPTED,
        "due_at": NOW,
        "give_up_at": NOW,
        "created_at": NOW,
    }
