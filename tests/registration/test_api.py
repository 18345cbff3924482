"""The JSON API of registration."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.accounts import AccountRefused
from services.registration.tokens import make_token
from tests.registration.factories import signed_up, soon, state_of, tell_of

BODY = {"name": "Alex", "email": "alex@example.org", "organisation": "1207", "language": "en"}


@pytest.fixture
def bearer(runtime: Runtime) -> dict[str, str]:
    with runtime.database.writing() as db:
        token = make_token(db, email="coordinator@example.org", days=1, now=datetime.now(UTC))
    return {"Authorization": f"Bearer {token}"}


def test_a_sign_up_is_created_and_the_line_has_places(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon(capacity=1))}/registrations"
    first = client.post(path, json=BODY)
    assert (first.status_code, first.json["status"], first.json["place"]) == (
        201,
        "confirmed",
        None,
    )
    second = client.post(path, json=BODY | {"email": "sam@example.org"})
    assert (second.json["status"], second.json["place"]) == ("waitlisted", 1)
    assert "link" not in second.text


def test_the_idempotency_key_is_honoured(runtime: Runtime, client: FlaskClient) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon())}/registrations"
    key = {"Idempotency-Key": "one"}
    first, again = (client.post(path, json=BODY, headers=key) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    other = client.post(path, json=BODY | {"name": "Other"}, headers=key)
    assert (other.status_code, other.json["reason"]) == (409, "key_reused")


def test_a_known_address_learns_nothing(runtime: Runtime, client: FlaskClient) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon())}/registrations"
    client.post(path, json=BODY)
    again = client.post(path, json=BODY)
    assert (again.status_code, again.json) == (202, {"status": "see_mail"})


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"email": "none"}, 422, "email"),
        ({"surprise": 1}, 422, "surprise"),
        ({"name": 5}, 422, "name"),
        ({"organisation": "Qwertzuiop"}, 422, "organisation"),
    ],
)
def test_wrong_fields_are_named(
    runtime: Runtime, client: FlaskClient, body: dict[str, object], status: int, field: str
) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon())}/registrations"
    answer = client.post(path, json=BODY | body)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert list(answer.json["errors"]) == [field]


def test_other_bodies_are_refused_with_the_right_status(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon())}/registrations"
    assert client.post(path, data="x", content_type="text/plain").status_code == 415
    assert client.post(path, data="{", content_type="application/json").status_code == 400
    assert client.post(path, json=[1]).status_code == 422
    assert client.post(path).status_code == 422
    nowhere = "/api/v1/sessions/00000000-0000-7000-8000-000000000000/registrations"
    assert client.post(nowhere, json=BODY).status_code == 404
    cancelled = f"/api/v1/sessions/{tell_of(runtime, soon(status='cancelled'))}/registrations"
    answer = client.post(cancelled, json=BODY)
    assert (answer.status_code, answer.json["reason"]) == (409, "cancelled")


def test_staff_list_and_cancel_by_token_and_others_do_not(
    runtime: Runtime, client: FlaskClient, bearer: dict[str, str]
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    answer = signed_up(runtime, session_id, "Alex")
    path = f"/api/v1/sessions/{session_id}/registrations"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer x"}).status_code == 401
    [row] = client.get(path, headers=bearer).json
    assert (row["name"], row["status"]) == ("Alex", "confirmed")
    cancel = f"/api/v1/registrations/{answer.registration.id}/cancel"
    assert client.post(cancel, json={}, headers=bearer).status_code == 422
    gone = client.post(cancel, json={"reason": "She asked"}, headers=bearer)
    assert gone.json["status"] == "cancelled"
    assert state_of(runtime, answer) == "cancelled"


def test_the_roster_comes_in_each_form(
    runtime: Runtime, client: FlaskClient, bearer: dict[str, str]
) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon())}/roster"
    for form, start in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("pdf", b"%PDF-")):
        answer = client.get(f"{path}?format={form}", headers=bearer)
        assert answer.data.startswith(start)
    assert client.get(f"{path}?format=doc", headers=bearer).status_code == 422


def test_tokens_are_made_for_known_staff_only(runtime: Runtime) -> None:
    with pytest.raises(AccountRefused), runtime.database.writing() as db:
        make_token(db, email="nobody@example.org", days=1, now=datetime.now(UTC))


def test_the_api_describes_itself(client: FlaskClient) -> None:
    document = client.get("/api/v1/registration/openapi.json").json
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/sessions/{session_id}/registrations" in document["paths"]
    assert "Turnout registration" in client.get("/api/v1/registration/docs").text
