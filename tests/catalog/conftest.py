"""A running catalogue at a fixed moment before the listing's dates, with staff of each role."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient

from services.catalog.app import SERVICE
from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.catalog.factories import NOW, staff_event
from tests.databases import StartService
from tests.pages import let_in

STAFF = ("admin", "coordinator", "facilitator")


@pytest.fixture(autouse=True)
def at_a_fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def runtime(start_service: StartService) -> Runtime:
    runtime = start_service(SERVICE)
    for role in STAFF:
        runtime.inbox.receive(staff_event(role), datetime.now(UTC))
    return runtime


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    """Somebody who is not signed in."""
    return create_app(runtime).test_client()


@pytest.fixture
def staff(client: FlaskClient) -> FlaskClient:
    """A signed-in coordinator."""
    return as_staff(client, "coordinator")


def as_staff(client: FlaskClient, role: str) -> FlaskClient:
    let_in(client, staff_event(role)["data"]["staff_id"], NOW)
    return client
