"""Damaged events of every type at every consumer: applied once, or parked with a reason."""

import importlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from celery import Celery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kombu.message import Message
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from services.chassis.edge import Edge
from services.chassis.ids import new_id
from services.chassis.inbox import (
    APPLIED,
    ATTEMPTS_BEFORE_PARKING,
    FAILED,
    PARKED,
    REFUSED,
    InboxRow,
)
from services.chassis.outbox import ConfirmationRow, OutboxRow
from services.chassis.seals import HEADER, seal
from services.chassis.service import Runtime, Service
from services.chassis.worker import add_tasks
from services.contracts import SERVICES, Event, consumed_by
from tests.databases import StartService
from tests.hostile.damage import damaged
from tests.hostile.effort import LONG, cases, report
from tests.messages import carry_out

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
EXAMPLES = cases(short=5, long=220)
TRIES = ATTEMPTS_BEFORE_PARKING + 1


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return found


@dataclass
class Consumer:
    """A service that counts which events have had their effect, and its worker's edge."""

    runtime: Runtime
    applied: Counter[UUID] = field(default_factory=Counter)

    @property
    def celery(self) -> Celery:
        return self.runtime.celery

    def deliver(self, task: str, event: str) -> None:
        """Let a message come from the broker, as the worker would have it."""
        message = Message(
            body=f"[[{event}], {{}}, {{}}]",
            headers={"task": task, "id": str(new_id()), HEADER: self._seal(task, event)},
            content_type="application/json",
            content_encoding="utf-8",
            delivery_info={"routing_key": self.runtime.service.name},
        )
        if Edge({self.runtime.service.name: self.runtime}).may_pass(message, self.celery.tasks):
            [content], _named, _others = message.payload
            carry_out(self.runtime, task, content)

    def _seal(self, task: str, event: str) -> str:
        """What we would seal it with; nobody can seal what is no JSON."""
        try:
            content = json.loads(event)
        except ValueError:
            return ""
        return seal(self.celery.conf.seal_keys, task, self.runtime.service.name, content)

    def rows(self) -> list[InboxRow]:
        with self.runtime.database.reading() as db:
            return list(db.scalars(sa.select(InboxRow)))

    def owed(self) -> set[UUID]:
        with self.runtime.database.reading() as db:
            return set(db.scalars(sa.select(ConfirmationRow.event_id)))

    def forget_messages(self) -> None:
        with self.runtime.database.writing() as db:
            for table in (InboxRow, ConfirmationRow, OutboxRow):
                db.execute(sa.delete(table))
        self.applied.clear()


def counting(handler: Any, applied: Counter[UUID]) -> Any:
    def handle(db: Session, event: Event, now: Any) -> None:
        handler(db, event, now)
        db.flush()
        applied[event.id] += 1

    return handle


@pytest.fixture
def consumer(request: pytest.FixtureRequest, start_service: StartService) -> Consumer:
    service: Service = importlib.import_module(f"services.{request.param}.app").SERVICE
    applied: Counter[UUID] = Counter()
    handlers = {name: counting(each, applied) for name, each in service.handlers.items()}
    runtime = start_service(replace(service, handlers=handlers))
    add_tasks(runtime.celery, {service.name: runtime})
    return Consumer(runtime, applied)


def settle(consumer: Consumer, task: str, event: str) -> list[InboxRow]:
    """Send a message again, as its producer does, until it has been dealt with; and once more."""
    for _ in range(TRIES):
        consumer.deliver(task, event)
        if all(row.outcome != FAILED for row in consumer.rows()):
            break
    consumer.deliver(task, event)
    return consumer.rows()


@pytest.mark.parametrize("consumer", SERVICES, indirect=True)
def test_a_damaged_event_is_applied_once_or_parked_with_the_reason(consumer: Consumer) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not LONG,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        event = data.draw(damaged(golden(name) | {"id": "an id"}))
        consumer.forget_messages()
        with capture_logs():  # Thousands of tracebacks would take longer than the events.
            [row] = settle(consumer, name, event.replace("an id", str(new_id())))
        assert row.outcome in (APPLIED, PARKED, REFUSED)
        assert consumer.applied[row.event_id] == (row.outcome == APPLIED)
        assert bool(row.error) == (row.outcome != APPLIED)
        assert row.type == "unknown" or consumer.owed() == {row.event_id}

    contracts = consumed_by(consumer.runtime.service.name)
    for each in contracts:
        name = each.type
        check()
    where = consumer.runtime.database.engine.dialect.name
    report(f"events to {consumer.runtime.service.name}, {where}", EXAMPLES * len(contracts))
