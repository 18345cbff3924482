"""While registration is not heard from, the calendar says of when its numbers are."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from services.chassis.neighbours import hear
from services.chassis.service import Runtime
from tests.catalog.factories import a_session
from tests.pages import visit


def heard(runtime: Runtime, *, seconds_ago: int) -> None:
    sent_at = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    with runtime.database.writing() as db:
        hear(db, "registration", sent_at=sent_at, is_late=False)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "The numbers of seats are those of"), ("fr", "Les nombres de places sont ceux du")],
)
def test_old_numbers_of_seats_are_dated_in_the_readers_language(
    runtime: Runtime, client: FlaskClient, language: str, words: str
) -> None:
    session = a_session(runtime)
    paths = ("/", f"/sessions/{session.id}", f"/workshops/{session.workshop_id}")
    heard(runtime, seconds_ago=10)
    assert not any(words in visit(client, f"{path}?lang={language}").text for path in paths)
    heard(runtime, seconds_ago=100)
    assert all(words in visit(client, f"{path}?lang={language}").text for path in paths)
