"""The pages that every service has: health, parked events, errors, languages, headers."""

from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient

from services.chassis.health import RELAY, WORKER, beat
from services.chassis.inbox import ATTEMPTS_BEFORE_PARKING
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.accounts import add_staff
from tests.chassis.conftest import NOW, Moody
from tests.chassis.test_events import an_envelope, sessions
from tests.pages import Page, sign_in, submit, visit

PASSWORD = "a long enough password"


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    now = datetime.now(UTC)
    with runtime.database.writing() as db:
        for role in ("coordinator", "facilitator"):
            address = f"{role}@example.org"
            add_staff(db, name=role, email=address, role=role, password=PASSWORD, now=now)
    return create_app(runtime).test_client()


def test_staff_read_a_parked_event_with_its_error_and_have_it_tried_again(
    runtime: Runtime, client: FlaskClient, moody: Moody
) -> None:
    moody.fails = True
    envelope = an_envelope()
    for _ in range(ATTEMPTS_BEFORE_PARKING):
        runtime.inbox.receive(envelope, NOW)
    sign_in(client, "coordinator@example.org", PASSWORD)
    page = visit(client, "/staff/events/registration/")
    assert "session.published.v1" in page.text
    assert "moody today" in page.text
    page = submit(client, page, "/replay")
    assert "The event failed again" in page.text
    moody.fails = False
    page = submit(client, page, "/replay")
    assert "The event was handled." in page.text
    assert "There are none. All is well." in page.text
    assert sessions(runtime) == 1


def test_parked_events_are_for_coordinators(client: FlaskClient) -> None:
    assert visit(client, "/staff/events/registration/").response.status_code == 302
    sign_in(client, "facilitator@example.org", PASSWORD)
    assert visit(client, "/staff/events/registration/").response.status_code == 403


def test_health_is_503_until_the_worker_has_answered(runtime: Runtime, client: FlaskClient) -> None:
    answer = client.get("/readyz/registration")
    assert answer.status_code == 503
    assert answer.json["problems"] == [
        "no worker has answered yet",
        "no clock has been at work yet",
    ]
    for name in (WORKER, RELAY):
        beat(runtime.database, name, datetime.now(UTC))
    assert client.get("/readyz/registration").status_code == 200
    assert client.get("/healthz").json == {"status": "ok"}


@pytest.mark.parametrize("path", ["/staff/sign-in", "/nowhere", "/api/v1/nowhere"])
def test_every_answer_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_the_language_is_the_one_asked_for_then_the_cookie_then_the_browsers(
    client: FlaskClient,
) -> None:
    french = {"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"}
    assert visit(client, "/staff/sign-in").language == "en"
    assert visit(client, "/staff/sign-in", headers=french).language == "fr"
    assert visit(client, "/staff/sign-in?lang=fr").language == "fr"
    assert visit(client, "/staff/sign-in").language == "fr"
    assert visit(client, "/staff/sign-in?lang=xx").language == "fr"
    client.delete_cookie("language")
    for nothing in ("xx", ""):
        assert visit(client, f"/staff/sign-in?lang={nothing}").language == "en"
        assert client.get_cookie("language") is None


def test_a_form_without_its_key_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/staff/sign-in", data={"email": "a@example.org", "password": "x"})
    assert answer.status_code == 400
    assert "load the page again" in answer.text


def test_a_body_that_is_too_large_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.post("/staff/sign-in", data={"email": "x" * 20_000_000})
    assert answer.status_code == 413
    assert "That is too large" in answer.text


def test_a_broken_page_shows_no_trace_and_says_sorry(runtime: Runtime) -> None:
    app = create_app(runtime)

    @app.get("/breaks")
    def breaks() -> str:
        raise RuntimeError("a secret inside")

    answer = app.test_client().get("/breaks")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret inside" not in answer.text


@pytest.mark.parametrize("path", ["//example.org/x", "///example.org", "/a%3Flang=x"])
def test_the_language_switch_leads_nowhere_but_to_the_page_it_is_on(
    client: FlaskClient, path: str
) -> None:
    page = Page(client.get(environ_overrides={"PATH_INFO": unquote(path)}))
    switches = [link for link in page.links if link.endswith("lang=fr")]
    assert [urlsplit(link).netloc for link in switches] == [""]
    assert all(link.isprintable() and link.count("?") == 1 for link in switches)
