"""Migrations of all services, and whether a database has had them all."""

from collections.abc import Iterator
from datetime import UTC, datetime

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from infra.composition import opened
from infra.refusal import Refusal
from services.chassis.config import Settings
from services.chassis.database_facts import note_key
from services.chassis.migrate import configuration, upgrade
from services.chassis.revisions import SERVICES as SCRIPTS
from services.chassis.service import Runtime
from services.contracts import SERVICES


def migrate_all(settings: Settings, *, accept_key: bool = False) -> Iterator[tuple[str, str]]:
    """Bring each database to its newest revision; gives each service's name and revision.

    It also notes which secret key links are signed with, if none was, or `accept_key`.
    """
    for name in SERVICES:
        with opened(name, settings) as runtime:
            _upgrade(runtime)
            with runtime.database.writing() as db:
                note_key(db, settings, datetime.now(UTC), anew=accept_key)
            yield name, revisions(runtime)[0]


def revisions(runtime: Runtime) -> tuple[str, str]:
    """The revision that the database is at, empty for none, and the newest there is."""
    with runtime.database.engine.connect() as connection:
        now_at = MigrationContext.configure(connection).get_current_revision() or ""
        scripts = ScriptDirectory.from_config(configuration(runtime, connection))
    return now_at, scripts.get_current_head() or ""


def knows(runtime: Runtime, revision: str) -> bool:
    """Whether this version of Turnout has had this revision; the database is not asked."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS / runtime.service.name / "migrations"))
    known = ScriptDirectory.from_config(config).walk_revisions()
    return revision in {each.revision for each in known}


def upgraded(name: str, settings: Settings) -> None:
    """Bring one service's database to its newest revision."""
    with opened(name, settings) as runtime:
        _upgrade(runtime)


def _upgrade(runtime: Runtime) -> None:
    try:
        upgrade(runtime)
    except CommandError as problem:
        name = runtime.service.name
        raise Refusal(
            f"the database of {name} does not fit this version of Turnout: {problem}"
        ) from problem
