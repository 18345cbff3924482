"""PostgreSQL: its own tools for dumping and restoring, told what they need to know."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.refusal import Refusal

SCHEMA = "public"
Rows = dict[str, int]


def plain(url: str) -> str:
    """The address as PostgreSQL's own library writes it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def size_of(url: str) -> int:
    """How many bytes the database takes, which a dump seldom does."""
    with psycopg.connect(plain(url)) as db:
        row = db.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def one_moment(url: str) -> Iterator[tuple[str, str, Rows]]:
    """A snapshot for `dump`, with the revision and the number of rows of each table in it."""
    with psycopg.connect(plain(url)) as db:
        db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        db.read_only = True
        row = db.execute("SELECT pg_export_snapshot()").fetchone()
        revision, rows = _counted(db)
        yield str(row[0]) if row else "", revision, rows


def dump(url: str, target: Path, snapshot: str) -> None:
    """Write the tables as they were in the snapshot, in PostgreSQL's custom format."""
    wanted = ["--format=custom", f"--schema={SCHEMA}", "--no-owner", "--no-privileges"]
    _run("pg_dump", url, *wanted, f"--snapshot={snapshot}", f"--file={target}")


def put_aside(url: str, name: str) -> None:
    """Rename the schema with the tables, and make an empty one in its place."""
    with psycopg.connect(plain(url)) as db:
        old, aside = sql.Identifier(SCHEMA), sql.Identifier(name)
        db.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(old, aside))
        db.execute(sql.SQL("CREATE SCHEMA {}").format(old))


def put_back(url: str, name: str) -> None:
    """Undo `put_aside`, whatever has come into the new schema meanwhile."""
    with psycopg.connect(plain(url)) as db:
        old, aside = sql.Identifier(SCHEMA), sql.Identifier(name)
        db.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(old))
        db.execute(sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(aside, old))


def load(url: str, source: Path) -> None:
    """Restore a dump into the empty schema, all of it or nothing."""
    wanted = ["--single-transaction", "--no-owner", "--no-privileges", f"--schema={SCHEMA}"]
    _run("pg_restore", url, *wanted, str(source))


def count_rows(url: str) -> tuple[str, Rows]:
    """The revision of a database and how many rows each table has, both empty in a new one."""
    with psycopg.connect(plain(url)) as db:
        return _counted(db)


def others_connected(url: str) -> list[str]:
    """Who else is connected to the database, by the name that they gave or their process."""
    query = (
        "SELECT coalesce(nullif(application_name, ''), 'process ' || pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() "
        "AND backend_type = 'client backend'"
    )
    with psycopg.connect(plain(url)) as db:
        return [str(name) for (name,) in db.execute(query)]


def tool(name: str) -> str:
    """Where one of PostgreSQL's programs is; Refusal says what to install."""
    found = shutil.which(name)
    if found is None:
        raise Refusal(
            f"{name} is needed for a PostgreSQL database and is not on the PATH. Install the "
            "client programs of the server's version or a newer one (on Debian and Ubuntu: "
            "apt install postgresql-client), or add their folder to the PATH."
        )
    return found


def _counted(db: psycopg.Connection) -> tuple[str, Rows]:
    query = "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename"
    rows: Rows = {}
    for (table,) in db.execute(query, [SCHEMA]).fetchall():
        name = sql.Identifier(SCHEMA, table)
        count = db.execute(sql.SQL("SELECT count(*) FROM {}").format(name)).fetchone()
        rows[str(table)] = int(count[0]) if count else 0
    if "alembic_version" not in rows:
        return "", rows
    row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else "", rows


def _run(name: str, url: str, *arguments: str) -> None:
    """Run a tool on a database; the password is in no list of processes."""
    known = conninfo_to_dict(plain(url))
    password = str(known.pop("password", "") or "")
    address = make_conninfo(**{key: str(value) for key, value in known.items()})
    command = [tool(name), f"--dbname={address}", "--no-password", *arguments]
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    done = subprocess.run(  # noqa: S603 - our own command
        command, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Refusal(f"{name} failed: {done.stderr.strip()}")
