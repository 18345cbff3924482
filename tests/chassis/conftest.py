"""A service of the tests' own: registration's tables with handlers that can fail."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from services.chassis.service import Runtime
from services.contracts import Event
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration.app import SERVICE
from services.registration.handlers import on_session
from tests.brokers import Broker, a_broker
from tests.databases import StartService

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)


class Moody:
    """A handler that fails as long as it is told to."""

    def __init__(self) -> None:
        self.fails = False
        self.problem: BaseException = RuntimeError("moody today")
        self.calls = 0

    def __call__(self, db: Session, event: Event, now: datetime) -> None:
        self.calls += 1
        on_session(db, event, now)
        if self.fails:
            raise self.problem


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def moody() -> Moody:
    return Moody()


@pytest.fixture
def runtime(start_service: StartService, moody: Moody) -> Runtime:
    return start_service(replace(SERVICE, handlers={SESSION_PUBLISHED.type: moody}))
