"""A running registration service with one staff member of each role."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.accounts import add_staff
from services.registration.app import SERVICE
from services.registration.directory import DirectoryEntry, load_directory
from tests.databases import StartService
from tests.pages import sign_in

PASSWORD = "a long enough password"


@pytest.fixture
def runtime(start_service: StartService) -> Runtime:
    runtime = start_service(SERVICE)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    with runtime.database.writing() as db:
        load_directory(
            db,
            [
                DirectoryEntry("1207", "Riverbend Hospital Workers", "North"),
                DirectoryEntry("1270", "Riverside Library Workers", "North"),
                DirectoryEntry("4410", "Employées et employés scolaires de l’Érablière", "East"),
                DirectoryEntry("77", "Harbour Transit Workers", "South", affiliated=False),
            ],
            now=now,
        )
        for role in ("admin", "coordinator", "facilitator"):
            address = f"{role}@example.org"
            add_staff(db, name=role.title(), email=address, role=role, password=PASSWORD, now=now)
    return runtime


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def coordinator(client: FlaskClient) -> FlaskClient:
    sign_in(client, "coordinator@example.org", PASSWORD)
    return client
