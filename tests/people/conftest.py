"""The three services over fresh databases of one dialect."""

import pytest

from services.catalog.app import SERVICE as CATALOG
from services.notify.app import SERVICE as NOTIFY
from services.registration.app import SERVICE as REGISTRATION
from tests.databases import StartService
from tests.people.site import Site


@pytest.fixture
def site(start_service: StartService) -> Site:
    return Site(start_service(REGISTRATION), start_service(NOTIFY), start_service(CATALOG))
