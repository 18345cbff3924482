"""The staff's pages: sign-in, roles, one screen for a session, rosters."""

import csv
import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import signed_up, soon, state_of, tell_of


@pytest.fixture
def coordinator(client: FlaskClient) -> FlaskClient:
    assert "Sessions" in sign_in(client, "coordinator@example.org", PASSWORD).text
    return client


@pytest.fixture
def facilitator(runtime: Runtime) -> FlaskClient:
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    return client


def test_a_wrong_password_is_refused_without_saying_what_was_wrong(client: FlaskClient) -> None:
    for address in ("coordinator@example.org", "nobody@example.org"):
        page = sign_in(client, address, "some other password")
        assert "This address and password do not belong together." in page.text
    assert visit(client, "/staff/").response.status_code == 302


def test_who_is_sent_to_sign_in_comes_back_to_where_they_were_going(client: FlaskClient) -> None:
    page = Page(client.get("/staff/organisations", follow_redirects=True))
    page = submit(client, page, email="coordinator@example.org", password=PASSWORD)
    assert "Locals" in page.text
    assert "Riverbend Hospital Workers" in page.text


def test_sign_in_leads_to_no_other_site(client: FlaskClient) -> None:
    page = visit(client, "/staff/sign-in?next=https://evil.example.com/staff")
    form = page.form()
    sent = form.fields | {"email": "admin@example.org", "password": PASSWORD}
    assert client.post(form.action, data=sent).headers["Location"] == "/staff/"


def test_signing_out_ends_it(coordinator: FlaskClient) -> None:
    submit(coordinator, visit(coordinator, "/staff/"), "/sign-out")
    assert visit(coordinator, "/staff/").response.status_code == 302


def test_one_screen_shows_everybody_in_their_order(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    for name in ("Seated", "First", "Second"):
        signed_up(runtime, session_id, name)
    text = visit(coordinator, f"/staff/sessions/{session_id}").text
    assert text.index("Seated") < text.index("First") < text.index("Second")
    assert "1 / 1" in text


def test_an_action_needs_a_reason_and_shows_in_the_history(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    signed_up(runtime, session_id, "Seated")
    waiting = signed_up(runtime, session_id, "Waiting")
    path = f"/staff/registrations/{waiting.registration.id}"
    page = submit(coordinator, visit(coordinator, path), "/act", action="confirm")
    assert page.response.status_code == 422
    page = submit(coordinator, page, "/act", action="confirm", reason="She drives the bus")
    assert "No seat is free." in page.text
    submit(coordinator, page, "/act", over_capacity="yes")
    assert state_of(runtime, waiting) == "confirmed"
    history = visit(coordinator, path).text
    assert "She drives the bus" in history
    assert "Coordinator" in history


@pytest.mark.parametrize(
    ("action", "state"),
    [("cancel", "cancelled"), ("note", "waiting"), ("hold", "waiting"), ("release", "waiting")],
)
def test_each_action_does_what_it_says(
    runtime: Runtime, coordinator: FlaskClient, action: str, state: str
) -> None:
    session_id = tell_of(runtime, soon(capacity=0))
    waiting = signed_up(runtime, session_id, "Waiting")
    page = visit(coordinator, f"/staff/registrations/{waiting.registration.id}")
    page = submit(coordinator, page, "/act", action=action, reason="As agreed")
    assert "Done, and kept in the history." in page.text
    assert state_of(runtime, waiting) == state


def test_somebody_is_moved_to_another_session(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id, other = (tell_of(runtime, soon()) for _ in range(2))
    answer = signed_up(runtime, session_id, "Alex")
    page = visit(coordinator, f"/staff/registrations/{answer.registration.id}")
    page = submit(
        coordinator, page, "/act", action="move", reason="Asked for it", target_id=str(other)
    )
    assert "Done" in page.text
    assert "Alex" in visit(coordinator, f"/staff/sessions/{other}").text
    assert state_of(runtime, answer) == "cancelled"


def test_a_facilitator_sees_only_their_own_sessions(
    runtime: Runtime, facilitator: FlaskClient
) -> None:
    own = tell_of(runtime, soon())
    other = tell_of(runtime, soon(facilitators=[]))
    answer = signed_up(runtime, own, "Alex")
    assert visit(facilitator, "/staff/").links.count(f"/staff/sessions/{own}") == 1
    assert visit(facilitator, f"/staff/sessions/{own}").response.status_code == 200
    for path in (
        f"/staff/sessions/{other}",
        f"/staff/sessions/{other}/roster.csv",
        f"/staff/registrations/{answer.registration.id}",
        "/staff/organisations",
    ):
        assert visit(facilitator, path).response.status_code == 403


@pytest.mark.parametrize(("days_ago", "status"), [(14, 200), (15, 403)])
def test_a_facilitator_sees_their_session_for_fourteen_days_and_no_longer(
    runtime: Runtime, facilitator: FlaskClient, days_ago: int, status: int
) -> None:
    today = datetime.now(ZoneInfo("America/Toronto")).date()
    own = tell_of(runtime, soon(days=[today - timedelta(days=days_ago)]))
    for path in (f"/staff/sessions/{own}", f"/staff/sessions/{own}/roster.csv"):
        assert visit(facilitator, path).response.status_code == status
    assert (f"/staff/sessions/{own}" in visit(facilitator, "/staff/").links) == (status == 200)


def test_the_roster_downloads_in_three_forms(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(capacity=5))
    signed_up(runtime, session_id, "=HYPERLINK(1)", email="formula@example.org")
    content = coordinator.get(f"/staff/sessions/{session_id}/roster.csv").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    assert "'=HYPERLINK(1)" in cells
    assert coordinator.get(f"/staff/sessions/{session_id}/roster.xlsx").data[:2] == b"PK"
    assert coordinator.get(f"/staff/sessions/{session_id}/roster.pdf").data[:5] == b"%PDF-"


def test_a_local_is_added_and_changed_by_its_number(coordinator: FlaskClient) -> None:
    for name, affiliated in (("Ferry Crews", {"affiliated": "yes"}), ("Ferry and Port Crews", {})):
        page = visit(coordinator, "/staff/organisations")
        page = submit(coordinator, page, "/organisations", number="88", name=name, **affiliated)
        assert name in page.text
    assert "Ferry Crews" not in page.text


def test_the_history_of_a_changed_capacity_names_who_and_why(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session = soon(capacity=1)
    session_id = tell_of(runtime, session)
    change = {"capacity": 3, "actor": "Robin", "reason": "A larger room"}
    tell_of(runtime, session | change, sequence=2)
    text = visit(coordinator, f"/staff/sessions/{session_id}").text
    assert "Robin" in text
    assert "A larger room" in text
