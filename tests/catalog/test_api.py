"""The JSON API: what everybody may read, what staff may do, and how errors are told."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.catalog import commands
from services.chassis.ids import new_id
from services.chassis.service import Runtime
from tests.catalog.factories import (
    ACTOR,
    NOW,
    TOKENS,
    a_day,
    a_draft,
    a_session,
    reread,
    seats_event,
)

NEW_SESSION = {
    "days": [{"date": "2026-02-20", "starts": "09:00", "ends": "16:00"}],
    "online": False,
    "venue": "Windsor Area Office",
    "city": "Windsor",
    "province": "ON",
    "language": "en",
    "capacity": 20,
    "fee_affiliate": "25.00",
    "fee_other": "30.00",
    "facilitators": [{"name": "Ana Silva", "email": "ana@example.org"}],
}


def call(
    client: FlaskClient, method: str, path: str, json: Any = None, role: str = "coordinator"
) -> TestResponse:
    headers = {"Authorization": f"Bearer {TOKENS[role]}"}
    return client.open(f"/api/v1{path}", method=method, json=json, headers=headers)


def problem(answer: TestResponse, status: int) -> Any:
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    return answer.get_json()


def test_everybody_may_read_the_published_sessions(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime, join_link="https://meet.example.org/secret")
    a_draft(runtime)
    runtime.inbox.receive(seats_event(session.id, held=13), NOW)
    answer = client.get("/api/v1/sessions")
    [shown] = answer.get_json()
    assert shown["id"] == str(session.id)
    assert shown["title"] == {"en": "Stewarding", "fr": ""}
    assert shown["days"] == [{"date": "2026-02-20", "starts": "09:00", "ends": "16:00"}]
    assert (shown["fee_affiliate"], shown["fee_other"]) == ("25.00", "30.00")
    assert (shown["seats_left"], shown["waitlist_open"], shown["sign_up_open"]) == (7, False, True)
    assert shown["url"] == f"http://turnout.test/sessions/{session.id}"
    for secret in ("meet.example.org", "example.org"):
        assert secret not in answer.text
    one = client.get(f"/api/v1/sessions/{session.id}").get_json()
    assert one == shown


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("from=2026-03-01", 1),
        ("to=2026-02-28", 2),
        ("from=2026-02-21&to=2026-02-28", 1),
        ("language=fr", 1),
        ("online=true", 1),
        ("online=false", 2),
        ("province=ON", 2),
        ("province=QC", 0),
        ("topic=Bargaining", 1),
        ("page=2&page_size=2", 1),
        ("page=99999999999999999999", 0),
    ],
)
def test_the_list_is_filtered_and_paged(
    runtime: Runtime, client: FlaskClient, query: str, count: int
) -> None:
    a_session(runtime)
    a_session(runtime, days=[a_day("2026-02-22")], language="fr", topic="Bargaining")
    online: dict[str, Any] = {"online": True, "venue": "", "city": "", "province": ""}
    a_session(runtime, days=[a_day("2026-03-02")], **online)
    answer = client.get(f"/api/v1/sessions?{query}")
    assert answer.status_code == 200
    assert len(answer.get_json()) == count


def test_cancelled_sessions_are_listed_as_such(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime)
    with runtime.database.writing() as db:
        commands.cancel_session(db, session.id, reason="Snow", actor=ACTOR, now=NOW)
    [shown] = client.get("/api/v1/sessions").get_json()
    assert (shown["status"], shown["sign_up_open"], shown["seats_left"]) == ("cancelled", False, 0)


def test_a_wrong_filter_is_told_per_field(client: FlaskClient) -> None:
    body = problem(client.get("/api/v1/sessions?from=yesterday&language=xx"), 422)
    assert set(body["errors"]) == {"query.from", "query.language"} or set(body["errors"]) == {
        "from",
        "language",
    }


def test_staff_make_change_publish_and_cancel(runtime: Runtime, client: FlaskClient) -> None:
    made = call(client, "POST", "/workshops", {"title_en": "Stewarding"})
    assert made.status_code == 201
    workshop_id = made.get_json()["id"]
    made = call(client, "POST", "/sessions", {**NEW_SESSION, "workshop_id": workshop_id})
    assert made.status_code == 201
    session = made.get_json()
    assert (session["status"], session["facilitators"][0]["language"]) == ("draft", "en")
    path = f"/sessions/{session['id']}"
    assert client.get(f"/api/v1{path}").status_code == 404
    published = call(client, "POST", f"{path}/publish")
    assert published.get_json()["status"] == "published"
    body = problem(call(client, "PATCH", path, {"room": "Room 4"}), 409)
    assert body["reason"] == "reason_missing"
    changed = call(client, "PATCH", path, {"room": "Room 4", "reason": "Larger"})
    assert (changed.get_json()["room"], changed.get_json()["city"]) == ("Room 4", "Windsor")
    renamed = call(client, "PATCH", f"/workshops/{workshop_id}", {"title_fr": "Initiation"})
    assert renamed.get_json()["title"] == {"en": "Stewarding", "fr": "Initiation"}
    assert call(client, "GET", f"/workshops/{workshop_id}").get_json() == renamed.get_json()
    assert call(client, "GET", "/workshops").get_json() == [renamed.get_json()]
    cancelled = call(client, "POST", f"{path}/cancel", {"reason": "Snow"})
    assert cancelled.get_json()["status"] == "cancelled"
    body = problem(call(client, "POST", f"{path}/cancel", {"reason": "Snow"}), 409)
    assert body["reason"] == "cancelled"


def test_an_unready_draft_is_refused_with_each_reason(
    runtime: Runtime, client: FlaskClient
) -> None:
    draft = a_draft(runtime, capacity=None, fee_other_cents=None)
    body = problem(call(client, "POST", f"/sessions/{draft.id}/publish"), 409)
    assert body["reason"] == "not_ready"
    assert set(body["errors"]) == {"no_capacity", "no_fee"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"capacity": 0}, "capacity"),
        ({"capacity": -1}, "capacity"),
        ({"capacity": 1_000_000}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"days": [{"date": "2026-02-30"}]}, "days.0.date"),
        ({"days": [{"starts": "09:00"}]}, "days.0.date"),
        ({"days": [{"date": "0001-01-01"}]}, "days.0.date"),
        ({"days": [{"date": "2026-02-20", "starts": "16:00", "ends": "9:00"}]}, "days.0.ends"),
        ({"days": [{"date": "2026-02-20"}] * 2}, "days"),
        ({"days": "tomorrow"}, "days"),
        ({"fee_other": "-1"}, "fee_other"),
        ({"fee_other": True}, "fee_other"),
        ({"venue": "x" * 5_000}, "venue"),
        ({"venue": "a\x00b"}, "venue"),
        ({"venue": "a\u202eb"}, "venue"),
        ({"venue": 5}, "venue"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"join_link": "javascript:alert(1)"}, "join_link"),
        ({"closes_at": "0001-01-01T00:00"}, "closes_at"),
        ({"closes_at": 5}, "closes_at"),
        ({"facilitators": [{"name": "A", "email": "nobody"}]}, "facilitators.0.email"),
        ({"host": "me"}, "host._schema"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field(
    runtime: Runtime, client: FlaskClient, changes: dict[str, Any], field: str
) -> None:
    draft = a_draft(runtime)
    body = problem(call(client, "PATCH", f"/sessions/{draft.id}", changes), 422)
    assert list(body["errors"]) == [field]
    assert all(len(text) > 5 for text in body["errors"][field])
    assert reread(runtime, draft.id).version == draft.version


def test_only_what_is_given_is_changed(runtime: Runtime, client: FlaskClient) -> None:
    draft = a_draft(runtime, title_en="Stewarding 👷🏿‍♀️ مرحبا")
    call(client, "PATCH", f"/sessions/{draft.id}", {"capacity": None, "notes": "=1+1"})
    after = reread(runtime, draft.id)
    assert (after.capacity, after.notes, after.fee_other_cents) == (None, "=1+1", 3000)
    assert after.workshop.title_en == "Stewarding 👷🏿‍♀️ مرحبا"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/workshops"),
        ("GET", "/workshops"),
        ("GET", "/workshops/{id}"),
        ("PATCH", "/workshops/{id}"),
        ("POST", "/sessions"),
        ("PATCH", "/sessions/{id}"),
        ("POST", "/sessions/{id}/publish"),
        ("POST", "/sessions/{id}/cancel"),
    ],
)
def test_staff_commands_need_a_token_of_the_right_role(
    client: FlaskClient, method: str, path: str
) -> None:
    path = path.replace("{id}", str(new_id()))
    problem(client.open(f"/api/v1{path}", method=method, json={}), 401)
    forged = {"Authorization": "Bearer forged"}
    problem(client.open(f"/api/v1{path}", method=method, json={}, headers=forged), 401)
    problem(call(client, method, path, {}, role="facilitator"), 403)


def test_what_is_unknown_is_404_and_what_is_no_json_is_said(client: FlaskClient) -> None:
    problem(client.get(f"/api/v1/sessions/{new_id()}"), 404)
    problem(call(client, "PATCH", f"/sessions/{new_id()}", {}), 404)
    headers = {"Authorization": f"Bearer {TOKENS['admin']}"}
    problem(client.post("/api/v1/workshops", data="a=b", headers=headers), 415)
    broken = {**headers, "Content-Type": "application/json"}
    assert client.post("/api/v1/workshops", data="{", headers=broken).status_code in (400, 422)
    problem(client.post("/api/v1/workshops", data="[]", headers=broken), 422)


def test_the_api_describes_itself(client: FlaskClient) -> None:
    document = client.get("/api/v1/catalog/openapi.json").get_json()
    assert document["openapi"] == "3.1.0"
    assert "/api/v1/sessions/{session_id}/publish" in document["paths"]
    assert client.get("/api/v1/catalog/docs").status_code == 200
    assert client.get("/api/docs").status_code == 200
