"""Copies of an event at the same moment, events that nobody can read, and what a log may hold."""

import threading
import time
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.inbox import PARKED, InboxRow
from services.chassis.service import Runtime
from services.chassis.worker import add_tasks
from services.contracts import Event
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration.models import Person
from tests.chassis.conftest import NOW, Moody
from tests.chassis.test_events import an_envelope, inbox_row, sessions


def test_two_copies_of_an_event_that_failed_before_are_handled_once(
    runtime: Runtime, moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    envelope, moody.fails = an_envelope(), True
    runtime.inbox.receive(envelope, NOW)
    moody.fails = False
    handle = Moody.__call__

    def slowly(self: Moody, db: Session, event: Event, now: Any) -> None:
        handle(self, db, event, now)
        time.sleep(0.3)

    monkeypatch.setattr(Moody, "__call__", slowly)
    copies = [
        threading.Thread(target=runtime.inbox.receive, args=(envelope, NOW)) for _ in range(2)
    ]
    for copy in copies:
        copy.start()
    for copy in copies:
        copy.join()
    assert moody.calls == 2  # The failure, and one of the copies.
    assert (sessions(runtime), inbox_row(runtime).outcome) == (1, "applied")


def test_what_cannot_be_read_is_parked_once_however_often_it_comes_or_is_replayed(
    runtime: Runtime,
) -> None:
    for _ in range(3):
        runtime.inbox.receive({"specversion": "1.0"}, NOW)
    row = inbox_row(runtime)
    assert runtime.inbox.replay(row.event_id, NOW) is False
    assert inbox_row(runtime).outcome == PARKED


def test_a_refused_row_is_not_quoted_where_errors_are_written(
    runtime: Runtime, moody: Moody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def collide(_self: Moody, db: Session, _event: Event, _now: Any) -> None:
        for _ in range(2):
            person = {"email_key": "alex@example.org", "email": "alex@example.org"}
            db.add(Person(**person, created_at=NOW))
            db.flush()

    monkeypatch.setattr(Moody, "__call__", collide)
    runtime.inbox.receive(an_envelope(), NOW)
    with runtime.database.reading() as db:
        error = db.scalars(sa.select(InboxRow.error)).one()
    assert "IntegrityError" in error
    assert "alex" not in error


def test_any_task_shows_that_a_worker_is_not_deaf(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Mock()
    monkeypatch.setattr("services.chassis.worker._CanaryWatch", lambda: watch)
    add_tasks(runtime.celery, {"registration": runtime})
    task = runtime.celery.tasks[SESSION_PUBLISHED.type]
    task.apply(args=[an_envelope()], routing_key="registration")
    assert watch.heard.call_count == 1
