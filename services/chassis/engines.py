"""How Turnout connects to SQLite and to PostgreSQL, and waits for SQLite's one writer."""

import select
import sqlite3
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, ExceptionContext

BUSY_TIMEOUT_MS = 5_000
LOCK_TIMEOUT_MS = 3_000
LOOK_AGAIN_SECONDS = 0.001


def make_engine(url: str) -> Engine:
    """The engine for a database's address, set up as Turnout needs it; nothing is connected yet."""
    if sa.make_url(url).get_backend_name() == "postgresql":
        options = f"-c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"
        engine = sa.create_engine(
            url,
            hide_parameters=True,
            connect_args={"options": options, "connect_timeout": 5},
        )
        event.listen(engine, "checkout", _leave_the_dead)
        event.listen(engine, "handle_error", _forget_values)
        return engine
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _leave_the_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Take no connection that PostgreSQL has closed, as it does when it is started anew.

    Nothing was asked, so there is nothing to read but the end. SQLAlchemy's own way, to ask it
    something each time, is one more round trip for every transaction.
    """
    if connection.closed or _has_something_to_read(connection):
        raise sa.exc.InvalidatePoolError


def _has_something_to_read(connection: Any) -> bool:
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


def _forget_values(context: ExceptionContext) -> None:
    """Keep people's data out of logs: PostgreSQL adds the refused row to its message."""
    primary = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if primary:
        context.original_exception.args = (primary,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (primary,)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We send BEGIN ourselves.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("turnout_alone", False):
        return
    if options.get("turnout_read_only", False):
        connection.exec_driver_sql("BEGIN")
        return
    driver: Any = connection.connection.dbapi_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        _take_write_lock(connection, driver)
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _take_write_lock(connection: Connection, driver: Any) -> None:
    """Look every millisecond whether the file's one write lock is free.

    SQLite itself would look again after 1, 2, 5, 10 … 100 ms, so that of two busy processes one
    gets hardly a turn.
    """
    give_up_at = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while not driver.in_transaction:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as problem:
            is_busy = problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not is_busy or time.monotonic() > give_up_at:
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # It says why not, in its own way.
            time.sleep(LOOK_AGAIN_SECONDS)
