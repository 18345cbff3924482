"""A coordinator of an area sees and acts on what is there, and on what is in no area."""

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.accounts import AccountRefused, Remit, add_staff
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import NOW, signed_up, soon, state_of, tell_of


@pytest.fixture
def north(runtime: Runtime) -> FlaskClient:
    """A coordinator of the North."""
    account = {"name": "Noor", "email": "north@example.org", "password": PASSWORD}
    with runtime.database.writing() as db:
        add_staff(db, **account, role="coordinator", remit=Remit(["north"]), now=NOW)
    client = create_app(runtime).test_client()
    sign_in(client, "north@example.org", PASSWORD)
    return client


def test_lists_show_own_areas_and_what_is_in_none(runtime: Runtime, north: FlaskClient) -> None:
    own, others, everybodys = (tell_of(runtime, soon(area=area)) for area in ("North", "South", ""))
    links = visit(north, "/staff/").links
    assert f"/staff/sessions/{own}" in links
    assert f"/staff/sessions/{everybodys}" in links
    assert f"/staff/sessions/{others}" not in links


def test_a_session_of_another_area_is_refused(runtime: Runtime, north: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(area="South"))
    place = signed_up(runtime, session_id, "Alex").registration.id
    for path in (
        f"/staff/sessions/{session_id}",
        f"/staff/sessions/{session_id}/roster.csv",
        f"/staff/registrations/{place}",
        f"/staff/messages/new?session_id={session_id}",
    ):
        assert visit(north, path).response.status_code == 403


def test_nobody_is_moved_into_a_session_that_the_mover_may_not_see(
    runtime: Runtime, north: FlaskClient
) -> None:
    own, others = (tell_of(runtime, soon(area=area)) for area in ("North", "South"))
    answer = signed_up(runtime, own, "Alex")
    page = visit(north, f"/staff/registrations/{answer.registration.id}")
    assert str(others) not in page.response.text
    sent = page.form("/act").fields | {"action": "move", "reason": "Far", "target_id": str(others)}
    assert north.post(page.form("/act").action, data=sent).status_code == 403
    assert state_of(runtime, answer) == "confirmed"


def test_announcements_go_to_own_areas_only(runtime: Runtime, north: FlaskClient) -> None:
    page = visit(north, "/staff/messages/new")
    assert "Area: North" in page.response.text
    assert "Area: South" not in page.response.text
    words = {"subject_en": "Hello", "body_en": "Hello"}
    page = submit(north, page, "/preview", to="Area: South", **words)
    assert "This local or area is not in your areas." in page.text


def test_locals_of_other_areas_are_seen_and_not_changed(
    runtime: Runtime, north: FlaskClient
) -> None:
    page = visit(north, "/staff/organisations")
    assert "Harbour Transit Workers" in page.text
    form = page.form("/organisations")
    for typed in ({"number": "77", "area": "North"}, {"number": "9", "area": "South"}):
        sent = form.fields | {"name": "Taken over"} | typed
        assert north.post(form.action, data=sent).status_code == 403
    page = submit(north, page, "/organisations", number="9", name="Ferries", area="NORTH")
    assert "Ferries" in page.text
    assert "NORTH" not in page.text


def test_what_concerns_every_area_is_not_offered(runtime: Runtime, north: FlaskClient) -> None:
    assert "/staff/events/registration/" not in visit(north, "/staff/").links
    assert north.get("/staff/events/registration/").status_code == 403


def test_a_coordinator_without_areas_sees_all(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon(area="South"))
    page = Page(coordinator.get(f"/staff/sessions/{session_id}"))
    assert page.response.status_code == 200


@pytest.mark.parametrize(
    ("role", "remit", "reason"),
    [
        ("coordinator", Remit(["Nowhere"]), "unknown_area"),
        ("local_officer", Remit(), "needs_local"),
        ("king", Remit(), "unknown_role"),
    ],
)
def test_an_account_that_would_reach_nothing_is_refused(
    runtime: Runtime, role: str, remit: Remit, reason: str
) -> None:
    account = {"name": "Kim", "email": "kim@example.org", "password": PASSWORD}
    with pytest.raises(AccountRefused) as refused, runtime.database.writing() as db:
        add_staff(db, **account, role=role, remit=remit, now=NOW)
    assert refused.value.reason == reason
