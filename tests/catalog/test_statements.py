"""How many statements the public pages take, however many sessions there are."""

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from tests.catalog.factories import a_session
from tests.statements import counted


@pytest.fixture
def dialect() -> str:
    """The number is the same on both."""
    return "sqlite"


def test_the_calendar_made_and_kept(runtime: Runtime, client: FlaskClient) -> None:
    counts = []
    for _ in range(3):
        a_session(runtime)
        with counted(runtime) as made:
            client.get("/?month=2026-02")
        with counted(runtime) as kept:
            client.get("/?month=2026-02")
        counts.append((len(made), len(kept)))
    assert counts == [(9, 1)] * 3


def test_the_page_of_a_session(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime)
    with counted(runtime) as statements:
        client.get(f"/sessions/{session.id}")
    assert len(statements) == 11
