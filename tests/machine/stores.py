"""Registration over databases that are emptied quickly: in memory, or on a real server."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from services.chassis.db import ChassisBase
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.registration.app import SERVICE
from tests.databases import settings_for

URL = "TURNOUT_REGISTRATION_DATABASE_URL"
Empty = Callable[[], None]


def in_memory(folder: Path) -> tuple[Runtime, Empty]:
    """A database in memory, migrated once; emptying it copies the migrated one over it."""
    template = folder / "template.sqlite3"
    made = start(SERVICE, settings_for(folder, **{URL: f"sqlite:///{template}"}))
    upgrade(made)
    made.database.dispose()
    runtime = start(SERVICE, settings_for(folder, **{URL: "sqlite://"}))

    def empty() -> None:
        with runtime.database.engine.connect() as connection:
            source = sqlite3.connect(template)
            source.backup(connection.connection.driver_connection)
            source.close()

    return runtime, empty


def on_a_server(folder: Path, url: str) -> tuple[Runtime, Empty]:
    """A database on a server, migrated once; emptying it truncates its tables."""
    runtime = start(SERVICE, settings_for(folder, **{URL: url}))
    upgrade(runtime)
    tables = [*ChassisBase.metadata.tables, *SERVICE.metadata.tables]

    def empty() -> None:
        with runtime.database.writing() as db:
            db.execute(sa.text(f"TRUNCATE {', '.join(tables)}"))

    return runtime, empty
