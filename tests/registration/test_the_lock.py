"""The lock on a session is what keeps two from the last seat: without it, they both get it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from services.chassis import engines
from services.chassis.service import Runtime
from services.registration import seats, signing_up
from services.registration.answers import Answer
from services.registration.seats import Crowd
from tests.registration.factories import NOW, a_session, an_entry, sign_up

PATIENCE_SECONDS = 1


@pytest.fixture
def count_and_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both count the free seats before either takes one, as far as the lock lets them."""
    together, count_all = Barrier(2), signing_up.crowd_of

    def counted(db: Session, session_id: UUID) -> Crowd:
        crowd = count_all(db, session_id)
        with suppress(BrokenBarrierError):
            together.wait(PATIENCE_SECONDS)
        return crowd

    monkeypatch.setattr(signing_up, "crowd_of", counted)


def take_the_lock_away(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the session without locking it; on SQLite, which locks the file, begin nothing.

    The counter of arrivals goes too: the row that holds it is written before seats are counted.
    """

    def merely_read(db: Session, model: Any, key: Any) -> Any:
        return db.get(model, key)

    arrivals = count(1)
    monkeypatch.setattr(seats, "locked", merely_read)
    monkeypatch.setattr(signing_up, "next_arrivals", lambda *_: [next(arrivals)])
    engine = runtime.database.engine
    if engine.dialect.name == "sqlite":
        monkeypatch.setattr(runtime.database, "_turn", None)
        event.remove(engine, "begin", engines._begin_sqlite)


def two_at_once(runtime: Runtime, session_id: UUID) -> list[str]:
    """What becomes of two who sign up at the same moment."""

    def by_oneself(name: str) -> Answer:
        with runtime.database.writing() as db:
            return sign_up(db, session_id, an_entry(name), now=NOW)

    with ThreadPoolExecutor(2) as pool:
        answers = pool.map(by_oneself, ["Alex Rivera", "Sam Lake"])
        return sorted(each.registration.state for each in answers)


@pytest.mark.usefixtures("count_and_wait")
def test_with_the_lock_one_of_two_gets_the_last_seat(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=1)
    assert two_at_once(runtime, session_id) == ["confirmed", "waiting"]


@pytest.mark.usefixtures("count_and_wait")
def test_without_the_lock_both_get_it(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    session_id = a_session(runtime, capacity=1)
    take_the_lock_away(runtime, monkeypatch)
    assert two_at_once(runtime, session_id) == ["confirmed", "confirmed"]
