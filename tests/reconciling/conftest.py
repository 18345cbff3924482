"""The three services over fresh databases, with a session, its seated and its waiting."""

from dataclasses import dataclass
from uuid import UUID

import pytest

from infra.composition import load
from services.contracts import SERVICES
from tests.databases import StartService
from tests.reconciling.trio import Trio


@pytest.fixture
def trio(start_service: StartService) -> Trio:
    return Trio({name: start_service(load(name)) for name in SERVICES})


@dataclass
class Scene:
    """Two seats, two who have them, two who wait, everybody told."""

    trio: Trio
    session_id: UUID
    seated: list[UUID]
    waiting: list[UUID]


@pytest.fixture
def scene(trio: Trio) -> Scene:
    session_id = trio.publish(capacity=2)
    answers = [trio.sign_up(session_id, f"Member {number}") for number in range(4)]
    trio.settle()
    seated = [each.registration.id for each in answers if each.place is None]
    waiting = [each.registration.id for each in answers if each.place]
    return Scene(trio, session_id, seated, waiting)
