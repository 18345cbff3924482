"""Connections that PostgreSQL has closed meanwhile, as when it was started anew."""

import sqlalchemy as sa

from services.chassis.db import Database
from tests.databases import PostgresServer
from tests.facts import eventually

ASK = sa.text("SELECT 1")
MINE = sa.text("SELECT pg_backend_pid()")
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()"
END = sa.text(f"SELECT pg_terminate_backend(pid) {OTHERS}")
LEFT = sa.text(f"SELECT count(*) {OTHERS}")


def test_nobody_notices_that_all_kept_connections_have_been_closed(
    postgres: PostgresServer,
) -> None:
    url = postgres.url(postgres.create())
    database, other = Database(url), Database(url)
    with database.writing() as outer, database.writing() as inner:
        lost = {db.scalar(MINE) for db in (outer, inner)}
    with other.writing() as db:
        db.execute(END)

    def all_are_gone() -> None:
        with other.writing() as db:
            assert db.scalar(LEFT) == 0

    eventually(all_are_gone)
    with database.writing() as outer, database.writing() as inner:
        assert not lost & {db.scalar(MINE) for db in (outer, inner)}
    assert database.look(ASK)[0] == 1
    database.dispose()
    other.dispose()
