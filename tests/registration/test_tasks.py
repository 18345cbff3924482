"""The list of tasks: what waits for somebody, and how it was settled."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.answers import Answer
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import a_session, signed_up, soon, tell_of
from tests.registration.mail_reports import (
    AT,
    LATER,
    WORDS,
    arrives,
    bounced,
    delivered,
    tasks,
    waiting_tasks,
)


@pytest.fixture
def alex(runtime: Runtime) -> Answer:
    answer = signed_up(runtime, tell_of(runtime, soon()), "Alex")
    arrives(runtime, bounced(answer))
    return answer


def settle(client: FlaskClient, page: Page, outcome: str) -> Page:
    return submit(client, page, "/settle", outcome=outcome)


def test_the_list_says_who_what_since_when_and_what_to_do(
    alex: Answer, coordinator: FlaskClient
) -> None:
    page = visit(coordinator, "/staff/tasks")
    for said in ("Alex", "alex@example.org", "Grievance Handling", "A mail did not arrive.", WORDS):
        assert said in page.text
    assert "March 2" in page.text
    assert f"/staff/registrations/{alex.registration.id}#address" in page.links


def test_the_oldest_comes_first(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(capacity=5))
    for name, minutes in (("Newer", 10), ("Older", 1)):
        answer = signed_up(runtime, session_id, name)
        arrives(runtime, bounced(answer, at=AT + timedelta(minutes=minutes)))
    text = visit(coordinator, "/staff/tasks").text
    assert text.index("Older") < text.index("Newer")


def test_settling_needs_a_word_of_how_which_is_kept_with_who_did_it(
    alex: Answer, runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = settle(coordinator, visit(coordinator, "/staff/tasks"), " ")
    assert page.response.status_code == 422
    assert "Please fill this in." in page.text
    page = settle(coordinator, page, "Phoned her: she knows all")
    assert "The task is settled." in page.text
    assert "Nothing to do" in page.text
    assert "Phoned her: she knows all" in page.text
    (task,) = tasks(runtime)
    assert (task.done_by, task.outcome) == ("Coordinator", "Phoned her: she knows all")
    history = visit(coordinator, f"/staff/registrations/{alex.registration.id}").text
    assert "task settled" in history
    assert "Phoned her: she knows all" in history


def test_a_task_that_was_settled_meanwhile_keeps_the_first_outcome(
    alex: Answer, runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = visit(coordinator, "/staff/tasks")
    settle(coordinator, page, "Phoned")
    page = settle(coordinator, page, "Wrote a letter")
    assert "This task was settled already." in page.text
    assert [each.outcome for each in tasks(runtime)] == ["Phoned"]


def test_a_task_that_nobody_knows_is_not_found(alex: Answer, coordinator: FlaskClient) -> None:
    form = visit(coordinator, "/staff/tasks").form("/settle")
    path = "/staff/tasks/00000000-0000-7000-8000-000000000000/settle"
    assert coordinator.post(path, data=form.fields | {"outcome": "x"}).status_code == 404


def test_a_task_of_a_session_is_settled_and_in_its_history(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    about = {"registration_id": None, "session_id": session_id, "kind": "roster"}
    arrives(runtime, bounced(email="host@example.org", **about))
    page = visit(coordinator, "/staff/tasks")
    assert f"host@example.org: {WORDS}" in page.text
    assert f"/staff/sessions/{session_id}" in page.links
    settle(coordinator, page, "Gave it to them on paper")
    assert "Gave it to them on paper" in visit(coordinator, f"/staff/sessions/{session_id}").text


def test_a_task_without_a_session_is_settled(runtime: Runtime, coordinator: FlaskClient) -> None:
    about = {"registration_id": None, "session_id": None, "kind": "digest"}
    arrives(runtime, bounced(email="admin@example.org", **about))
    settle(coordinator, visit(coordinator, "/staff/tasks"), "Has a new address")
    assert waiting_tasks(runtime) == []


def test_after_it_was_settled_the_next_bounce_is_a_new_task(
    alex: Answer, runtime: Runtime, coordinator: FlaskClient
) -> None:
    settle(coordinator, visit(coordinator, "/staff/tasks"), "Phoned")
    arrives(runtime, bounced(alex, at=LATER, words="Still no such user"))
    assert waiting_tasks(runtime) == ["Still no such user"]


def test_a_mail_that_arrives_settles_the_task_and_the_list_says_so(
    alex: Answer, runtime: Runtime, coordinator: FlaskClient
) -> None:
    arrives(runtime, delivered(alex, at=LATER))
    text = visit(coordinator, "/staff/tasks").text
    assert "Nothing to do" in text
    assert "A later mail arrived." in text
    french = visit(coordinator, "/staff/tasks?lang=fr")
    if french.response.status_code == 302:
        french = visit(coordinator, "/staff/tasks")
    assert "Un courriel ultérieur est arrivé." in french.text


def test_the_list_of_the_settled_ends_after_fifty(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    for number in range(51):
        answer = signed_up(runtime, a_session(runtime), f"Person {number}")
        at = AT + timedelta(seconds=number)
        arrives(runtime, bounced(answer, at=at), delivered(answer, at=LATER + timedelta(number)))
    text = visit(coordinator, "/staff/tasks").text
    assert "Person 50" in text
    assert "person.0@example.org" not in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "L’adresse n’existe pas."),
        (
            "Not sent: an earlier message to this address came back. 550 No such user",
            "550 No such user",
        ),
    ],
)
def test_our_own_words_are_in_the_readers_language(
    runtime: Runtime, coordinator: FlaskClient, words: str, said: str
) -> None:
    about = {"registration_id": None, "session_id": tell_of(runtime, soon()), "kind": "roster"}
    arrives(runtime, bounced(email="host@example.org", **about, words=words))
    coordinator.get("/staff/?lang=fr", follow_redirects=True)
    text = visit(coordinator, "/staff/tasks").text
    assert said in text
    assert "Not sent" not in text


def test_the_navigation_counts_what_waits(alex: Answer, coordinator: FlaskClient) -> None:
    page = visit(coordinator, "/staff/organisations")
    assert "Tasks (1)" in page.text
    settle(coordinator, visit(coordinator, "/staff/tasks"), "Phoned")
    assert "Tasks (" not in visit(coordinator, "/staff/organisations").text


def test_facilitators_have_no_business_with_tasks(alex: Answer, runtime: Runtime) -> None:
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    assert visit(client, "/staff/tasks").response.status_code == 403
    assert "/staff/tasks" not in visit(client, "/staff/").links
