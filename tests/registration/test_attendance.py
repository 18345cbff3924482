"""Who did not come: noted by staff once the session has begun, undone, and kept in the history."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.answers import Answer
from services.registration.models import Registration
from tests.pages import Page, submit, visit
from tests.registration.factories import signed_up, soon, tell_of


def begun(runtime: Runtime, name: str = "Alex Rivera") -> tuple[UUID, Answer]:
    """A session that began yesterday, with somebody who signed up before; one has no seat."""
    yesterday = datetime.now(UTC) - timedelta(days=1)
    session = soon(days=[yesterday.date()], closes_at=yesterday, capacity=1)
    session_id = tell_of(runtime, session)
    early = yesterday - timedelta(days=9)
    answer = signed_up(runtime, session_id, name, now=early)
    signed_up(runtime, session_id, "Wai Ting", now=early)
    return session_id, answer


def did_not_come(runtime: Runtime, answer: Answer) -> bool:
    with runtime.database.reading() as db:
        return db.get_one(Registration, answer.registration.id).no_show


@pytest.mark.parametrize("page", ["session", "person"])
def test_somebody_is_noted_as_absent_and_as_come_after_all(
    runtime: Runtime, coordinator: FlaskClient, page: str
) -> None:
    session_id, answer = begun(runtime)
    key = answer.registration.id
    paths = {"session": f"/staff/sessions/{session_id}", "person": f"/staff/registrations/{key}"}
    action = f"{key}/attendance"
    shown = submit(coordinator, visit(coordinator, paths[page]), action, came="no")
    assert did_not_come(runtime, answer)
    assert "Alex Rivera: did not come" in shown.text
    shown = submit(coordinator, visit(coordinator, paths[page]), action, came="yes")
    assert not did_not_come(runtime, answer)
    assert "Alex Rivera: came after all" in shown.text


def test_noting_it_twice_is_one_entry(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id, answer = begun(runtime)
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    for _ in range(2):
        shown = submit(coordinator, page, f"{answer.registration.id}/attendance", came="no")
    assert shown.text.count("Alex Rivera: did not come") == 1


def test_only_the_confirmed_can_have_been_missed(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id, answer = begun(runtime)
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    actions = [each.action for each in page.forms if each.action.endswith("/attendance")]
    assert actions == [f"/staff/registrations/{answer.registration.id}/attendance"]


def test_before_the_session_nobody_can_have_been_absent(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    answer = signed_up(runtime, session_id, "Alex Rivera")
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    assert "Did not come" not in page.text
    path = f"/staff/registrations/{answer.registration.id}/attendance"
    csrf = visit(coordinator, "/staff/").form("/sign-out").fields["csrf_token"]
    sent = {"csrf_token": csrf, "came": "no"}
    shown = Page(coordinator.post(path, data=sent, follow_redirects=True))
    assert "This session has not begun yet." in shown.text
    assert not did_not_come(runtime, answer)
