"""Seats and line through many thousand steps; and that the machine sees what is wrong."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from services.chassis.service import Runtime
from services.registration import places
from services.registration.places import accept_offer
from services.registration.seats import announce_seats
from tests.databases import PostgresServer
from tests.machine import machine
from tests.machine.machine import BEGIN
from tests.machine.running import run_machines
from tests.machine.stores import Empty, in_memory, on_a_server

Store = tuple[Runtime, Empty]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Store]:
    store = in_memory(tmp_path)
    yield store
    store[0].database.dispose()


def test_five_thousand_steps(memory: Store) -> None:
    assert run_machines(*memory, steps=5_000, asks_every=50) >= 5_000


def test_five_hundred_steps_with_every_invariant_asked_after_each(memory: Store) -> None:
    assert run_machines(*memory, steps=500) >= 500


def test_five_hundred_steps_on_postgresql(tmp_path: Path, postgres: PostgresServer) -> None:
    runtime, empty = on_a_server(tmp_path, postgres.url(postgres.create()))
    try:
        assert run_machines(runtime, empty, steps=500, asks_every=10) >= 500
    finally:
        runtime.database.dispose()


def test_it_sees_that_a_seat_which_was_given_up_stays_empty(
    memory: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "fill_seats", announce_seats)
    with pytest.raises(AssertionError, match=r"none is free when|Place\("):
        run_machines(*memory, steps=3_000, asks_every=100_000, shrinks=False)


def test_it_sees_that_an_offer_is_accepted_after_its_end(
    memory: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accepted_in_spite(db: Session, key: Any, *, now: datetime) -> Any:
        return accept_offer(db, key, now=BEGIN)

    monkeypatch.setattr(machine, "accept_offer", accepted_in_spite)
    with pytest.raises(AssertionError, match="did what the rules refuse"):
        run_machines(*memory, steps=3_000, asks_every=100_000, shrinks=False)
