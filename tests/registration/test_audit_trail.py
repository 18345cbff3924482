"""What staff change, and whose data they see or take away, stands in the audit log."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.audit import AuditEntry, broken_at
from services.chassis.audit_pages import PAGE
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.models import Registration, StaffTask
from services.registration.sending_models import RosterRecipient
from tests.pages import follow, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import signed_up, soon, state_of, tell_of


@pytest.fixture
def session_id(runtime: Runtime) -> UUID:
    return tell_of(runtime, soon(capacity=1))


def acts(runtime: Runtime) -> list[AuditEntry]:
    with runtime.database.reading() as db:
        assert broken_at(db) is None
        return list(db.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)))


def last_act(runtime: Runtime, action: str = "") -> dict[str, Any]:
    """The newest entry, or the newest of an action."""
    entry = [each for each in acts(runtime) if action in ("", each.action)][-1]
    return {name: getattr(entry, name) for name in ("actor", "role", "action", "subject")} | {
        "details": entry.details
    }


def test_opening_a_session_says_that_its_people_were_seen(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    signed_up(runtime, session_id, "Alex Rivera")
    visit(coordinator, f"/staff/sessions/{session_id}")
    act = last_act(runtime)
    assert act["actor"] == "Coordinator"
    assert act["role"] == "coordinator"
    assert act["subject"] == f"session:{session_id}"
    assert {"see_people", "see_contacts"} <= set(act["details"]["shown"])


@pytest.mark.parametrize("form", ["csv", "xlsx", "pdf"])
def test_taking_a_roster_away_is_written_down(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID, form: str
) -> None:
    coordinator.get(f"/staff/sessions/{session_id}/roster.{form}")
    act = last_act(runtime)
    assert (act["action"], act["subject"]) == ("get_roster", f"session:{session_id}")
    assert act["details"]["shown"] == ["get_roster"]


def test_what_shows_nobody_leaves_no_entry(runtime: Runtime, coordinator: FlaskClient) -> None:
    before = len(acts(runtime))
    visit(coordinator, "/staff/")
    visit(coordinator, "/staff/organisations")
    assert len(acts(runtime)) == before


def test_a_change_is_written_with_before_and_after_and_without_anybody_s_words(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    seated = signed_up(runtime, session_id, "Alex Rivera")
    page = visit(coordinator, f"/staff/registrations/{seated.registration.id}")
    submit(coordinator, page, "/act", action="cancel", reason="Alex has broken a leg")
    assert state_of(runtime, seated) == "cancelled"
    act = last_act(runtime, "act_on_place")
    row = act["details"]["changed"][f"registration:{seated.registration.id}"]
    assert row["state"] == ["confirmed", "cancelled"]
    assert "leg" not in str(act)
    assert "Alex" not in str(act)


def test_of_a_text_the_log_says_only_that_it_changed(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    signed_up(runtime, session_id, "First")
    waiting = signed_up(runtime, session_id, "Second")
    page = visit(coordinator, f"/staff/registrations/{waiting.registration.id}")
    submit(coordinator, page, "/act", action="hold", reason="Has not paid since spring")
    act = last_act(runtime, "act_on_place")
    row = act["details"]["changed"][f"registration:{waiting.registration.id}"]
    assert row["hold_reason"] is None
    assert "spring" not in str([each.details for each in acts(runtime)])


def test_a_refused_form_that_shows_the_person_again_is_a_look_and_no_change(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    waiting = signed_up(runtime, session_id, "Second")
    page = visit(coordinator, f"/staff/registrations/{waiting.registration.id}")
    assert submit(coordinator, page, "/act", action="cancel").response.status_code == 422
    act = last_act(runtime, "act_on_place")
    assert act["details"]["shown"] == ["see_person"]
    assert "changed" not in act["details"]


@pytest.fixture
def facilitator(runtime: Runtime) -> FlaskClient:
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    return client


def test_a_forbidden_page_leaves_no_entry(
    runtime: Runtime, facilitator: FlaskClient, session_id: UUID
) -> None:
    waiting = signed_up(runtime, session_id, "Second")
    before = len(acts(runtime))
    path = f"/staff/registrations/{waiting.registration.id}"
    assert visit(facilitator, path).response.status_code == 403
    assert len(acts(runtime)) == before


def test_what_somebody_needs_is_read_by_those_who_arrange_it_and_that_is_written_down(
    runtime: Runtime, coordinator: FlaskClient, facilitator: FlaskClient, session_id: UUID
) -> None:
    place = signed_up(runtime, session_id, "Alex Rivera", needs="A ramp to the stage")
    path = f"/staff/registrations/{place.registration.id}"
    assert "A ramp to the stage" in visit(coordinator, path).text
    assert last_act(runtime)["details"]["shown"] == ["see_needs", "see_person"]
    page = visit(facilitator, f"/staff/sessions/{session_id}").text
    assert "One person wrote that they need something." in page
    assert "has needs" not in page
    assert "see_needs" not in last_act(runtime)["details"]["shown"]
    roster = facilitator.get(f"/staff/sessions/{session_id}/roster.csv").text
    assert "ramp" not in roster


def test_where_nobody_needs_anything_no_look_at_needs_is_written(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    place = signed_up(runtime, session_id, "Alex Rivera")
    visit(coordinator, f"/staff/registrations/{place.registration.id}")
    assert last_act(runtime)["details"]["shown"] == ["see_person"]


def test_what_members_do_themselves_is_in_the_history_alone(
    runtime: Runtime, client: FlaskClient, session_id: UUID
) -> None:
    before = len(acts(runtime))
    place = signed_up(runtime, session_id, "Alex Rivera")
    link = Links(runtime.settings).manage(place.registration.id, 1).partition("turnout.test")[2]
    submit(client, follow(client, link), "/cancel")
    assert state_of(runtime, place) == "cancelled"
    assert len(acts(runtime)) == before


def test_who_opens_a_roster_by_their_link_is_written_down(
    runtime: Runtime, client: FlaskClient, session_id: UUID
) -> None:
    with runtime.database.reading() as db:
        host = db.scalars(sa.select(RosterRecipient.id).where(RosterRecipient.name == "Host")).one()
    follow(client, f"/roster/{Links(runtime.settings).roster_token(host)}")
    act = last_act(runtime)
    assert (act["role"], act["action"]) == ("link", "read_roster_by_link")
    assert act["subject"] == f"recipient:{host}"


def test_nobody_sees_what_cannot_be_written_down(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    signed_up(runtime, session_id, "Alex Rivera")
    with runtime.database.writing() as db:
        db.execute(sa.text("DROP TABLE audit_entry"))
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    assert page.response.status_code >= 500
    assert "Alex Rivera" not in page.text


def test_nothing_changes_that_cannot_be_written_down(
    runtime: Runtime, coordinator: FlaskClient, session_id: UUID
) -> None:
    seated = signed_up(runtime, session_id, "Alex Rivera")
    page = visit(coordinator, f"/staff/registrations/{seated.registration.id}")
    with runtime.database.writing() as db:
        db.execute(sa.text("DROP TABLE audit_entry"))
    answer = submit(coordinator, page, "/act", action="cancel", reason="Fell ill")
    assert answer.response.status_code >= 500
    assert state_of(runtime, seated) == "confirmed"


@pytest.fixture
def administrator(runtime: Runtime) -> FlaskClient:
    client = create_app(runtime).test_client()
    sign_in(client, "admin@example.org", PASSWORD)
    return client


def test_who_saw_a_session_can_be_asked(
    runtime: Runtime, coordinator: FlaskClient, administrator: FlaskClient, session_id: UUID
) -> None:
    other = tell_of(runtime, soon())
    for each in (session_id, other):
        coordinator.get(f"/staff/sessions/{each}/roster.csv")
    page = visit(administrator, "/staff/audit/registration/")
    assert page.text.count("Download a roster") >= 2
    assert "Signed in" in page.text
    page = submit(administrator, page, "/registration/", about=f"session:{other}")
    assert f"session:{other}" in page.text
    assert f"session:{session_id}" not in page.text
    page = submit(administrator, page, "/registration/", about="", by="Nobody")
    assert "No entry fits" in page.text


def test_a_long_log_has_pages(runtime: Runtime, administrator: FlaskClient) -> None:
    path = "/staff/audit/registration/"
    for _ in range(PAGE + 2):
        visit(administrator, path)
    page = visit(administrator, path)
    (older,) = [each for each in page.links if "older=" in each]
    assert visit(administrator, older).response.status_code == 200
    assert visit(administrator, f"{path}?older=none").response.status_code == 422


def test_a_coordinator_does_not_read_the_audit_log(coordinator: FlaskClient) -> None:
    assert visit(coordinator, "/staff/audit/registration/").response.status_code == 403


def test_every_column_that_can_hold_words_is_kept_out(runtime: Runtime) -> None:
    """What a member or staff wrote is longer than a code, or is in a JSON column."""
    worded = {"name", "email", "phone", "hold_reason", "organisation_name", "words", "outcome"}
    columns = [*Registration.__table__.columns, *StaffTask.__table__.columns]
    short = {
        each.key
        for each in columns
        if isinstance(each.type, sa.String) and each.type.length and each.type.length <= 20
    }
    assert short & worded == set()
