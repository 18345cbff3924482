"""Rosters of sessions that were known before their recipients had a table of their own."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from services.chassis.db import UtcDateTime
from services.chassis.migrate import upgrade
from services.chassis.service import start
from services.registration.app import SERVICE
from services.registration.roster_recipients import recipients_of
from tests.databases import settings_for
from tests.registration.factories import facts, session_row


@pytest.fixture
def url(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database."""
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    server = request.getfixturevalue("postgres")
    return str(server.url(server.create()))


def test_facilitators_and_hosts_of_known_sessions_go_on_getting_their_rosters(
    url: str, tmp_path: Path
) -> None:
    runtime = start(SERVICE, settings_for(tmp_path, TURNOUT_REGISTRATION_DATABASE_URL=url))
    upgrade(runtime, "0001")
    session = facts(host=facts()["facilitators"][0] | {"email": "FACILITATOR@example.org"})
    with runtime.database.engine.begin() as connection:
        connection.execute(sa.insert(OLD_SESSION).values(**session_row(session)))
    upgrade(runtime)
    with runtime.database.reading() as db:
        rows = recipients_of(db, session["session_id"])
    runtime.database.dispose()
    assert [(each.role, each.email, each.language) for each in rows] == [
        ("facilitator", "facilitator@example.org", "en")
    ]


OLD_SESSION = sa.table(
    "workshop_session",
    *(sa.column(name, sa.Uuid()) for name in ("id", "workshop_id")),
    *(sa.column(name, UtcDateTime()) for name in ("starts_at", "closes_at")),
    *(sa.column(name, sa.Integer()) for name in ("sequence", "capacity", "arrivals")),
    sa.column("status", sa.String()),
    sa.column("ends_on", sa.Date()),
    sa.column("auto_promote", sa.Boolean()),
    sa.column("facts", sa.JSON()),
)
