"""The notify service over a fresh database, its mail going into a folder."""

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.notify.app import SERVICE
from tests.databases import StartService


@pytest.fixture
def runtime(start_service: StartService) -> Runtime:
    return start_service(SERVICE)


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    app = create_app(runtime)
    app.testing = True
    return app.test_client()
