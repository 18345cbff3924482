"""Migrations: one Alembic history for each service, run by us with the service's own engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command, context
from alembic.config import Config
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from services.chassis.db import ChassisBase
from services.chassis.revisions import SERVICES
from services.chassis.service import Runtime


def upgrade(runtime: Runtime, revision: str = "head") -> None:
    """Bring the service's database up to a revision, in one transaction."""
    engine = runtime.database.engine
    with _tables_may_be_copied(engine), engine.begin() as connection:
        command.upgrade(configuration(runtime, connection), revision)
        if engine.dialect.name == "sqlite":
            _check_references(connection)


@contextmanager
def _tables_may_be_copied(engine: Engine) -> Iterator[None]:
    """Let SQLite change a column, for which it copies the table, while other rows refer to it.

    Otherwise it would refuse to drop the table of before, or delete what refers to it.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    engine.dispose()  # The switch is heeded outside of transactions only: at a new connection.
    event.listen(engine, "connect", _switch_foreign_keys_off)
    try:
        yield
    finally:
        event.remove(engine, "connect", _switch_foreign_keys_off)
        engine.dispose()


def _switch_foreign_keys_off(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA foreign_keys=OFF")


def _check_references(connection: Connection) -> None:
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if lost is not None:
        raise LookupError(f"a row of {lost[0]} refers to one of {lost[2]} that is gone")


def configuration(runtime: Runtime, connection: Connection) -> Config:
    """Alembic's configuration for one service over an open connection."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES / runtime.service.name / "migrations"))
    config.attributes["connection"] = connection
    config.attributes["metadata"] = [ChassisBase.metadata, runtime.service.metadata]
    return config


def run_migrations() -> None:
    """What each service's `migrations/env.py` calls."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes["metadata"],
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
