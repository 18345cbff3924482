"""How many statements the main paths of registration take: a number that grows is noticed here."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.service import Runtime
from services.registration.places import give_up
from tests.pages import visit
from tests.registration.factories import NOW, a_session, signed_up, soon, tell_of
from tests.statements import counted

KEYS = [UUID(int=number) for number in (1, 2)]
SCREEN, LIST, OWN_PAGE = 28, 12, 3
SEAT, PLACE, OFFER = 10, 11, 17


@pytest.fixture
def dialect() -> str:
    """The number is the same on both."""
    return "sqlite"


def the_screen(runtime: Runtime, coordinator: FlaskClient, session_id: UUID) -> int:
    with counted(runtime) as statements:
        assert visit(coordinator, f"/staff/sessions/{session_id}").response.status_code == 200
    return len(statements)


def test_the_screen_of_a_session_takes_as_many_for_fifty_people_as_for_five(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    few, many = (tell_of(runtime, soon(session_id=key, capacity=3)) for key in KEYS)
    for session_id, people in ((few, 5), (many, 50)):
        for number in range(people):
            signed_up(runtime, session_id, f"Member {number}")
    the_screen(runtime, coordinator, few)  # The first notes when the sign-in was last seen.
    assert the_screen(runtime, coordinator, few) == SCREEN
    assert the_screen(runtime, coordinator, many) == SCREEN


def test_the_list_of_sessions(runtime: Runtime, coordinator: FlaskClient) -> None:
    for key in KEYS:
        tell_of(runtime, soon(session_id=key))
    with counted(runtime) as statements:
        visit(coordinator, "/staff/")
    assert len(statements) == LIST


def test_a_members_own_page(runtime: Runtime, client: FlaskClient) -> None:
    place = signed_up(runtime, tell_of(runtime, soon()), "Alex Rivera")
    link = Links(runtime.settings).manage(place.registration.id, 1)
    opened = client.get(link.removeprefix(runtime.settings.base_url))
    with counted(runtime) as statements:
        visit(client, opened.headers["Location"])
    assert len(statements) == OWN_PAGE


def test_a_seat_and_a_place_in_line(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=1)
    for name, expected in (("Alex Rivera", SEAT), ("Sam Lee", PLACE)):
        with counted(runtime) as statements:
            signed_up(runtime, session_id, name)
        assert len(statements) == expected


def test_a_cancellation_that_makes_an_offer_reads_no_line(runtime: Runtime) -> None:
    counts = []
    for key, waiting in zip(KEYS, (1, 20), strict=True):
        session_id = tell_of(runtime, soon(session_id=key, capacity=1))
        holder = signed_up(runtime, session_id, "Alex Rivera")
        for number in range(waiting):
            signed_up(runtime, session_id, f"Member {number}")
        with counted(runtime) as statements, runtime.database.writing() as db:
            give_up(db, holder.registration.id, now=NOW)
        counts.append(len(statements))
    assert counts == [OFFER, OFFER]
