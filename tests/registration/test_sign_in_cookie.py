"""The cookies of a sign-in over HTTPS: to this site only, never to scripts, never in plain HTTP."""

from dataclasses import replace

import pytest

from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.pages import sign_in
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import COORDINATOR


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def secure(runtime: Runtime) -> Runtime:
    settings = replace(runtime.settings, base_url="https://turnout.test")
    return replace(runtime, settings=settings)


def test_every_cookie_of_a_sign_in_is_for_this_site_over_https_and_for_no_script(
    secure: Runtime,
) -> None:
    client = create_app(secure).test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_HOST"] = "turnout.test"
    client.environ_base["HTTP_ORIGIN"] = "https://turnout.test"
    answers = sign_in(client, COORDINATOR, PASSWORD).response
    set_by = [
        each
        for answer in (*answers.history, answers)
        for each in answer.headers.getlist("Set-Cookie")
    ]
    names = {each.partition("=")[0] for each in set_by}
    assert names == {"__Host-turnout", "__Host-turnout-known"}
    for each in set_by:
        attributes = {part.strip() for part in each.split(";")[1:]}
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes
        assert not any(attribute.startswith("Domain") for attribute in attributes)


def test_flask_s_own_defaults_are_not_left_in_force(secure: Runtime) -> None:
    config = create_app(secure).config
    assert config["SESSION_COOKIE_SECURE"] is True
    assert config["SESSION_COOKIE_HTTPONLY"] is True
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert config["SESSION_COOKIE_NAME"] == "__Host-turnout"
    assert config["MAX_CONTENT_LENGTH"] == 256 * 1024
    assert config["MAX_FORM_PARTS"] <= 100
    assert "turnout.test" in config["TRUSTED_HOSTS"]
    assert config["SECRET_KEY"] != secure.settings.secret_key


def test_another_host_is_not_answered(secure: Runtime) -> None:
    client = create_app(secure).test_client()
    answer = client.get("/staff/sign-in", base_url="https://elsewhere.example")
    assert answer.status_code == 400
