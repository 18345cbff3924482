"""The rows of the three databases that concern one session, read in plain SQL."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tests.faults.witness import plain

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tables:
    """The rows that concern one session."""

    capacity: int
    registrations: dict[str, dict[str, Any]]
    events: dict[str, str]
    deliveries: dict[str, dict[str, Any]]
    heard: dict[str, str]
    seats: dict[str, Any] | None


def read_tables(databases: Mapping[str, str], session: str) -> Tables:
    """Read the three databases, each by itself."""
    with _reading(databases["registration"]) as read:
        capacity = _of_session(read("SELECT id, capacity FROM workshop_session"), "id", session)
        found = read(
            "SELECT r.id, r.session_id, r.state, p.email"
            " FROM registration r JOIN person p ON p.id = r.person_id"
        )
        registrations = {plain(r["id"]): r for r in _of_session(found, "session_id", session)}
        query = "SELECT event_id, subject FROM outbox WHERE subscriber = 'notify'"
        told = [row for row in read(query) if _is_id(row["subject"])]
        events = {plain(row["event_id"]): plain(row["subject"]) for row in told}
    with _reading(databases["notify"]) as read:
        found = read(
            "SELECT id, event_id, subject_id, state, second_copy_possible, recipient_email"
            " FROM delivery"
        )
        deliveries = {plain(row["id"]): row for row in found}
        found = read("SELECT registration_id, heard_status FROM subject_state")
        heard = {plain(row["registration_id"]): row["heard_status"] for row in found}
    with _reading(databases["catalog"]) as read:
        found = read("SELECT session_id, held, waiting FROM seat_count")
        seats = _of_session(found, "session_id", session)
    ours = registrations.keys()
    return Tables(
        capacity=capacity[0]["capacity"],
        registrations=registrations,
        events={event: subject for event, subject in events.items() if subject in ours},
        deliveries={
            key: row for key, row in deliveries.items() if plain(row["subject_id"]) in ours
        },
        heard={key: status for key, status in heard.items() if key in ours},
        seats=seats[0] if seats else None,
    )


@contextmanager
def _reading(url: str) -> Iterator[Any]:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield lambda query: [
            dict(row) for row in connection.execute(sa.text(query)).mappings().all()
        ]
    engine.dispose()


def _of_session(found: Rows, column: str, session: str) -> Rows:
    return [row for row in found if plain(row[column]) == plain(session)]


def _is_id(text: str) -> bool:
    return len(text) in (32, 36) and text.replace("-", "").isalnum()


def count(url: str, query: str) -> int:
    """One number."""
    [row] = rows(url, query)
    [number] = row.values()
    return int(number)


def wait_for_the_lock(url: str) -> None:
    """Take SQLite's one lock and give it back; OperationalError when somebody keeps it."""
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": 5})
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.rollback()
    engine.dispose()


def rows(url: str, query: str) -> Rows:
    """What a query finds."""
    with _reading(url) as read:
        found: Rows = read(query)
    return found
