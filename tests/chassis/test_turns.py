"""Turns at SQLite's one writer, between processes that know nothing of each other."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from services.chassis import engines
from services.chassis.db import Database

MAKE = "CREATE TABLE seen (number INTEGER)"
ADD = "INSERT INTO seen SELECT count(*) FROM seen"


@pytest.fixture
def two(tmp_path: Path) -> list[Database]:
    """As two processes have them: each with connections and a turn of its own."""
    databases = [Database(f"sqlite:///{tmp_path / 'shared.sqlite3'}") for _ in range(2)]
    write(databases[0], MAKE)
    return databases


def write(database: Database, statement: str) -> None:
    with database.writing() as db:
        db.execute(sa.text(statement))


def numbers(database: Database) -> list[int]:
    with database.reading() as db:
        return [number for (number,) in db.execute(sa.text("SELECT number FROM seen"))]


def test_writers_of_two_processes_wait_for_each_other(two: list[Database]) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda turn: write(two[turn % 2], ADD), range(60)))
    assert sorted(numbers(two[0])) == list(range(60))


def test_who_gets_no_turn_in_time_is_told_that_the_database_is_busy(
    two: list[Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    with two[0].writing() as db:
        db.execute(sa.text(ADD))
        with pytest.raises(sa.exc.OperationalError, match="locked"):
            write(two[1], ADD)
    write(two[1], ADD)
    assert numbers(two[1]) == [0, 1]
