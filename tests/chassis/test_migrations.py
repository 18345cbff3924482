"""Each service's migrations, from an empty database upward, make what its models say."""

import importlib

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import services.chassis.audit
import services.chassis.clock
import services.chassis.database_facts  # noqa: F401 - their tables are in every service's migrations
from services.chassis.migrate import configuration
from services.contracts import SERVICES
from tests.databases import StartService


@pytest.mark.parametrize("name", SERVICES)
def test_migrations_make_what_the_models_say(name: str, start_service: StartService) -> None:
    runtime = start_service(importlib.import_module(f"services.{name}.app").SERVICE)
    with runtime.database.engine.connect() as connection:
        metadata = configuration(runtime, connection).attributes["metadata"]
        context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
        assert compare_metadata(context, metadata) == []
