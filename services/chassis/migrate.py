"""Migrations: one Alembic history for each service, run by us with the service's own engine."""

from functools import cache
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from sqlalchemy.engine import Connection

from services.chassis.db import ChassisBase
from services.chassis.service import Runtime

SERVICES = Path(__file__).parent.parent


def upgrade(runtime: Runtime, revision: str = "head") -> None:
    """Bring the service's database up to a revision, in one transaction."""
    with runtime.database.engine.begin() as connection:
        command.upgrade(configuration(runtime, connection), revision)


@cache
def newest_revision(service: str) -> str:
    """The newest revision there is for a service's database, which its last file is named after."""
    *_, last = sorted((SERVICES / service / "migrations" / "versions").glob("[0-9]*.py"))
    return last.name.partition("_")[0]


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
