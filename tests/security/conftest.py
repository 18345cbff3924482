"""The three services as one small site in this process, over databases of their own."""

import pytest

from infra.composition import load
from services.contracts import SERVICES
from tests.databases import StartService
from tests.security.site import SmallSite


@pytest.fixture
def dialect() -> str:
    """Most of what is tested here does not depend on the database."""
    return "sqlite"


@pytest.fixture
def site(start_service: StartService) -> SmallSite:
    return SmallSite({name: start_service(load(name)) for name in SERVICES})
