"""Each invariant can fail: a fault of its kind is found, and the rows are named."""

from datetime import timedelta

import pytest

from infra.reconciling import examine
from services.chassis.links import Links
from services.registration.rosters import send_roster
from services.registration.seats import lock_session
from tests.catalog.factories import a_draft
from tests.reconciling.conftest import Scene
from tests.reconciling.faults import FAULTS
from tests.reconciling.trio import NOW, Trio


@pytest.fixture
def full_scene(scene: Scene) -> Scene:
    """With a roster sent, and a session in the catalogue's own tables."""
    registration = scene.trio.runtimes["registration"]
    at = scene.trio.now = NOW + timedelta(minutes=5)
    with registration.database.writing() as db:
        session = lock_session(db, scene.session_id)
        send_roster(db, session, "on_demand", links=Links(registration.settings), now=at)
    a_draft(scene.trio.runtimes["catalog"])
    scene.trio.settle()
    assert scene.trio.broken() == {}
    return scene


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_its_rows_are_named(full_scene: Scene, name: str) -> None:
    named = FAULTS[name](full_scene)
    assert full_scene.trio.broken()[name] == sorted(map(str, named))


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_invariant_has_its_fault(trio: Trio) -> None:
    answers = list(examine(trio.runtimes, NOW))
    assert {each.invariant.name for each in answers} == set(FAULTS)


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_every_invariant_says_what_it_is_and_what_to_do(trio: Trio) -> None:
    for each in (answer.invariant for answer in examine(trio.runtimes, NOW)):
        assert each.sentence.endswith(".")
        assert each.wrong.endswith(".")
        assert each.cure.endswith(".")
