"""The administrators' pages of accounts, and what the newer roles see and do not see."""

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.account_changes import change_role
from services.registration.accounts import AccountRefused, Remit, add_staff, by_email
from services.registration.directory import organisation_by_number
from tests.pages import sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import NOW, signed_up, soon, tell_of

ACCOUNTS = "/staff/accounts"


def as_somebody(runtime: Runtime, email: str) -> FlaskClient:
    client = create_app(runtime).test_client()
    sign_in(client, email, PASSWORD)
    return client


def an_account(runtime: Runtime, role: str, *, local: str = "", areas: tuple[str, ...] = ()) -> str:
    email = f"new.{role}@example.org"
    with runtime.database.writing() as db:
        found = organisation_by_number(db, local)
        remit = Remit(areas, found.id if found else None)
        add_staff(db, name="New", email=email, role=role, password=PASSWORD, remit=remit, now=NOW)
    return email


@pytest.fixture
def admin(runtime: Runtime) -> FlaskClient:
    return as_somebody(runtime, "admin@example.org")


def address_of(runtime: Runtime, email: str) -> str:
    with runtime.database.reading() as db:
        member = by_email(db, email)
        assert member is not None
        return f"{ACCOUNTS}/{member.id}"


def test_an_administrator_adds_a_coordinator_of_an_area(
    runtime: Runtime, admin: FlaskClient
) -> None:
    typed = {"name": "Noor", "email": "noor@example.org", "role": "coordinator", "areas": "North"}
    page = submit(admin, visit(admin, ACCOUNTS), "/accounts", **typed, password="short")
    assert page.response.status_code == 422
    page = submit(admin, visit(admin, ACCOUNTS), "/accounts", **typed, password=PASSWORD)
    assert "Noor can sign in now." in page.text
    noor, others = as_somebody(runtime, "noor@example.org"), tell_of(runtime, soon(area="South"))
    assert noor.get(f"/staff/sessions/{others}").status_code == 403


def test_a_closed_account_is_signed_out_at_once(runtime: Runtime, admin: FlaskClient) -> None:
    coordinator = as_somebody(runtime, "coordinator@example.org")
    path = address_of(runtime, "coordinator@example.org")
    submit(admin, visit(admin, path), "/deactivate")
    assert coordinator.get("/staff/").status_code == 302
    page = sign_in(create_app(runtime).test_client(), "coordinator@example.org", PASSWORD)
    assert "This address and password do not belong together." in page.text
    submit(admin, visit(admin, path), "/activate")
    assert as_somebody(runtime, "coordinator@example.org").get("/staff/").status_code == 200


def test_nobody_changes_their_own_role(runtime: Runtime, admin: FlaskClient) -> None:
    own, other = (address_of(runtime, f"{name}@example.org") for name in ("admin", "coordinator"))
    assert not [form for form in visit(admin, own).forms if own in form.action]
    token = visit(admin, other).form(other).fields["csrf_token"]
    sent = {"csrf_token": token, "role": "coordinator"}
    answer = admin.post(own, data=sent)
    assert (answer.status_code, "own role" in answer.text) == (409, True)
    admin.post(f"{own}/deactivate", data=sent)
    assert admin.get("/staff/").status_code == 200


def test_the_last_administrator_stays(runtime: Runtime) -> None:
    with runtime.database.writing() as db:
        member = by_email(db, "admin@example.org")
        assert member is not None
        with pytest.raises(AccountRefused, match="last_admin"):
            change_role(db, member.id, "coordinator", Remit(), now=NOW)


def test_only_administrators_change_accounts_and_auditors_see_no_names(runtime: Runtime) -> None:
    auditor = as_somebody(runtime, an_account(runtime, "auditor"))
    page = visit(auditor, ACCOUNTS)
    assert "administrator" in page.text
    assert "admin@example.org" not in page.response.text
    log = visit(auditor, "/staff/audit/registration/").response.text
    assert 'data-label="Who">Account ' in log
    assert 'data-label="Who">New' not in log
    for client in (auditor, as_somebody(runtime, "coordinator@example.org")):
        assert client.get(address_of(runtime, "admin@example.org")).status_code == 403


def test_a_local_officer_sees_the_people_of_their_local_without_addresses_and_needs(
    runtime: Runtime,
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    numbers = {"Mine": "1207", "Another": "4410"}
    for name, number in numbers.items():
        with runtime.database.reading() as db:
            local = organisation_by_number(db, number)
        assert local is not None
        needs = {"needs": "a ramp", "organisation_id": local.id, "organisation_name": local.name}
        signed_up(runtime, session_id, f"{name} Member", **needs)
    officer = as_somebody(runtime, an_account(runtime, "local_officer", local="1207"))
    page = visit(officer, officer.get("/staff/").headers["Location"])
    table = officer.get(page.response.request.path + ".csv").data.decode()
    for text in (page.response.text, table):
        assert "Mine Member" in text
        assert "confirmed" in text
        assert "Another Member" not in text
        assert "mine.member@example.org" not in text
        assert "ramp" not in text
    with runtime.database.reading() as db:
        others = organisation_by_number(db, "4410")
    assert others is not None
    for path in (f"/staff/organisations/{others.id}/people", f"/staff/sessions/{session_id}"):
        assert officer.get(path).status_code == 403


def test_an_auditor_reads_numbers_and_a_history_with_names_masked(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    answer = signed_up(runtime, session_id, "Zzyzx Marker")
    page = visit(coordinator, f"/staff/registrations/{answer.registration.id}")
    submit(coordinator, page, "/act", action="note", reason="Zzyzx rang")
    auditor = as_somebody(runtime, an_account(runtime, "auditor"))
    page = visit(auditor, f"/staff/sessions/{session_id}")
    assert "1 / 1" in page.text
    assert "#1: note" in page.text
    for word in ("zzyzx", "coordinator", "example.org"):
        assert word not in page.response.text.lower().replace("/staff/", "")


@pytest.mark.parametrize(
    "role", ["admin", "coordinator", "facilitator", "local_officer", "auditor"]
)
def test_everybody_on_staff_reads_what_each_role_may_do(runtime: Runtime, role: str) -> None:
    client = as_somebody(runtime, an_account(runtime, role, local="1207"))
    assert "Correct an address" in visit(client, "/staff/permissions").text
