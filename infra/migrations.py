"""Migrations of all services, and whether a database has had them all."""

from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from infra.composition import opened
from infra.refusal import Refusal
from services.chassis.config import Settings
from services.chassis.migrate import configuration, upgrade
from services.chassis.service import Runtime
from services.contracts import SERVICES


def migrate_all(settings: Settings) -> Iterator[tuple[str, str]]:
    """Bring each database to its newest revision; gives each service's name and revision."""
    for name in SERVICES:
        with opened(name, settings) as runtime:
            _upgrade(runtime)
            yield name, revisions(runtime)[0]


def revisions(runtime: Runtime) -> tuple[str, str]:
    """The revision that the database is at, empty for none, and the newest there is."""
    with runtime.database.engine.connect() as connection:
        now_at = MigrationContext.configure(connection).get_current_revision() or ""
        scripts = ScriptDirectory.from_config(configuration(runtime, connection))
    return now_at, scripts.get_current_head() or ""


def _upgrade(runtime: Runtime) -> None:
    try:
        upgrade(runtime)
    except CommandError as problem:
        name = runtime.service.name
        raise Refusal(
            f"the database of {name} does not fit this version of Turnout: {problem}"
        ) from problem
