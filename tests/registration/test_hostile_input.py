"""What programs and forms can send that no person would: never an error of ours."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from marshmallow import ValidationError

from services.chassis.db import Database
from services.chassis.fields import Dollars
from services.chassis.ids import new_id
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.models import Registration
from tests.pages import follow, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import signed_up, soon, tell_of

BODY = {"name": "Alex", "email": "alex@example.org", "organisation": "1207", "language": "en"}


def path_of(session_id: object) -> str:
    return f"/api/v1/sessions/{session_id}/registrations"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 40_000,
        b'{"name": ' + b"1" * 5000 + b"}",
        b'{"name": "\xff"}',
        b"{",
        json.dumps(BODY).encode("utf-16"),
    ],
    ids=["deep list", "deep object", "long number", "not utf-8", "cut off", "utf-16"],
)
def test_a_body_that_is_no_json_is_refused(
    runtime: Runtime, client: FlaskClient, body: bytes
) -> None:
    path = path_of(tell_of(runtime, soon()))
    answer = client.post(path, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["detail"] == "The body is not JSON that can be read."


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "A\u2028B"),
        ("name", "A\uffffB"),
        ("email", "\u0390" * 60 + "@" + ".".join(["a" * 60] * 2) + ".org"),
        ("email", 5),
        ("organisation_id", []),
        ("auto_confirm", {}),
    ],
)
def test_a_value_that_mail_or_paper_cannot_hold_is_named(
    runtime: Runtime, client: FlaskClient, field: str, value: Any
) -> None:
    answer = client.post(path_of(tell_of(runtime, soon())), json=BODY | {field: value})
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@pytest.mark.parametrize("length", [191, 5000])
def test_a_key_that_is_too_long_is_refused_on_both_databases(
    runtime: Runtime, client: FlaskClient, length: int
) -> None:
    path = path_of(tell_of(runtime, soon()))
    answer = client.post(path, json=BODY, headers={"Idempotency-Key": "k" * length})
    assert answer.status_code == 422
    answer = client.post(path, json=BODY, headers={"Idempotency-Key": "k" * 190})
    assert answer.status_code == 201


def test_a_method_that_is_not_allowed_is_answered_with_those_that_are(
    runtime: Runtime, client: FlaskClient
) -> None:
    answer = client.put(path_of(tell_of(runtime, soon())))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_staff_who_forget_the_other_session_are_asked_for_it(
    runtime: Runtime, client: FlaskClient
) -> None:
    answer = signed_up(runtime, tell_of(runtime, soon()), "Alex")
    sign_in(client, "coordinator@example.org", PASSWORD)
    page = visit(client, f"/staff/registrations/{answer.registration.id}")
    page = submit(client, page, "/act", action="move", reason="asked to")
    assert page.response.status_code == 409
    assert "Choose another session to move to." in page.text


def test_a_long_reason_to_hold_somebody_back_is_kept_and_shown_to_staff_alone(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1))
    _, waiting = signed_up(runtime, session_id, "First"), signed_up(runtime, session_id, "Second")
    reason = "has not paid " * 70
    sign_in(client, "coordinator@example.org", PASSWORD)
    page = visit(client, f"/staff/registrations/{waiting.registration.id}")
    page = submit(client, page, "/act", action="hold", reason=reason)
    assert "has not paid" in page.text
    page = follow(client, own_path(runtime, waiting.registration))
    assert "You keep your place." in page.text
    assert "has not paid" not in page.text
    facilitator = create_app(runtime).test_client()
    sign_in(facilitator, "facilitator@example.org", PASSWORD)
    page = visit(facilitator, f"/staff/sessions/{session_id}")
    assert "held back" in page.text
    assert "has not paid" not in page.text


def test_an_answer_from_before_the_database_was_replaced_leads_back_to_the_form(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    with client.session_transaction() as kept:
        kept["answer"] = str(new_id())
    answer = client.get(f"/sign-up/{session_id}/answer")
    assert (answer.status_code, answer.location) == (302, f"/sign-up/{session_id}")


def test_a_refused_action_on_a_cancelled_place_does_not_say_that_the_session_is(
    runtime: Runtime, client: FlaskClient
) -> None:
    answer = signed_up(runtime, tell_of(runtime, soon()), "Alex")
    sign_in(client, "coordinator@example.org", PASSWORD)
    page = visit(client, f"/staff/registrations/{answer.registration.id}")
    submit(client, page, "/act", action="cancel", reason="asked to")
    for action in ("confirm", "cancel"):
        again = submit(client, page, "/act", action=action, reason="asked to")
        assert again.response.status_code == 409
        assert "This place has been cancelled." in again.text
        assert "This session has been cancelled." not in again.text


def own_path(runtime: Runtime, registration: Registration) -> str:
    link = Links(runtime.settings).manage(registration.id, registration.link_version)
    return link.removeprefix(runtime.settings.base_url)


def test_an_error_page_is_shown_to_staff_though_the_database_is_away(
    runtime: Runtime, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, "coordinator@example.org", PASSWORD)

    def away(_database: Database) -> None:
        raise sa.exc.OperationalError("SELECT", {}, OSError())

    monkeypatch.setattr(Database, "reading", away)
    assert client.get("/no/such/page").status_code == 404
    assert client.get("/staff/").status_code == 503


@pytest.mark.parametrize("amount", ["1e999999", "9" * 100_000, "sNaN", "-1", "1.234", [1], True])
def test_what_is_no_amount_is_refused(amount: Any) -> None:
    with pytest.raises(ValidationError):
        Dollars().deserialize(amount)
