"""Signing in by OpenID Connect, against a provider that is honest, lies, or is away."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from services.chassis.openid_settings import read_openid
from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.pages import Page, sign_in, visit
from tests.registration.conftest import PASSWORD
from tests.registration.openid_provider import (
    CLIENT_ID,
    CLIENT_SECRET,
    Provider,
    a_provider,
    path_of,
)
from tests.registration.staff_browsers import COORDINATOR, is_in, signed_in, with_second_factor

START = "/staff/sign-in/provider"


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with a_provider(COORDINATOR) as provider:
        yield provider


@pytest.fixture
def provider(server: Provider) -> Iterator[Provider]:
    """An honest one, whatever the test before has had it say."""
    honest = vars(Provider(COORDINATOR, server.issuer))
    vars(server).update(honest)
    yield server
    server.issuer = honest["issuer"]


def a_site(runtime: Runtime, provider: Provider, second_factor: str = "") -> Runtime:
    """The site, set to trust the provider."""
    openid = read_openid(
        {
            "TURNOUT_OIDC_ISSUER": provider.issuer,
            "TURNOUT_OIDC_CLIENT_ID": CLIENT_ID,
            "TURNOUT_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "TURNOUT_OIDC_SECOND_FACTOR": second_factor,
        }
    )
    return replace(runtime, settings=replace(runtime.settings, openid=openid))


@pytest.fixture
def browser(runtime: Runtime, provider: Provider) -> FlaskClient:
    return create_app(a_site(runtime, provider)).test_client()


def at_the_provider(browser: FlaskClient, path: str = START) -> str:
    """Go to the provider and sign in there; returns where it sends the browser back to."""
    gone = browser.get(path)
    assert gone.status_code == 302
    answer = requests.get(gone.location, allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    return path_of(answer.headers["Location"])


def come_back(browser: FlaskClient, path: str = START) -> Page:
    return visit(browser, at_the_provider(browser, path), follow_redirects=True)


def test_whoever_the_provider_vouches_for_is_in_and_where_they_were_going(
    browser: FlaskClient, provider: Provider
) -> None:
    page = visit(browser, "/staff/sign-in?next=/staff/tasks")
    (link,) = [each for each in page.links if each.startswith(START)]
    assert come_back(browser, link).response.request.path == "/staff/tasks"
    assert is_in(browser)
    assert provider.asked_with["code_challenge_method"] == "S256"
    assert provider.asked_with["response_type"] == "code"
    assert {"state", "nonce", "code_challenge"} <= provider.asked_with.keys()


def test_the_address_may_be_told_where_it_is_asked_for(
    browser: FlaskClient, provider: Provider
) -> None:
    provider.tells_in = "userinfo"
    come_back(browser)
    assert is_in(browser)


LIES: list[tuple[str, dict[str, Any]]] = [
    ("another nonce", {"nonce": "of another sign-in"}),
    ("no nonce", {"nonce": None}),
    ("another audience", {"aud": ["another-site"]}),
    ("another party", {"aud": [CLIENT_ID, "another-site"], "azp": "another-site"}),
    ("another issuer", {"iss": "https://login.example.org"}),
    ("expired", {"exp": int(time.time()) - 300}),
    ("no end", {"exp": None}),
    ("not yet", {"nbf": int(time.time()) + 3600}),
    ("address not verified", {"email_verified": False}),
    ("address not verified, in words", {"email_verified": "no"}),
    ("no address", {"email": None}),
]


@pytest.mark.parametrize(
    "claims", [claims for _name, claims in LIES], ids=[name for name, _ in LIES]
)
def test_what_is_no_proof_lets_nobody_in(
    browser: FlaskClient, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    page = come_back(browser)
    assert page.response.status_code == 422
    assert "Your organisation’s sign-in did not work." in page.text
    assert not is_in(browser)


def test_an_unsigned_token_is_no_proof_though_the_provider_says_that_it_may_be_unsigned(
    browser: FlaskClient, provider: Provider
) -> None:
    provider.is_signed = False
    assert come_back(browser).response.status_code == 422
    assert not is_in(browser)


def test_another_state_is_refused(browser: FlaskClient, provider: Provider) -> None:
    back = at_the_provider(browser)
    state = provider.asked_with["state"]
    page = visit(browser, back.replace(state, "x" * len(state)))
    assert page.response.status_code == 422
    assert not is_in(browser)


def test_an_answer_that_belongs_to_another_browser_is_refused(
    runtime: Runtime, browser: FlaskClient, provider: Provider
) -> None:
    back = at_the_provider(browser)
    victim = browser.application.test_client()
    assert victim.get(back).status_code == 422
    assert not is_in(victim)


def test_an_answer_counts_once(browser: FlaskClient, provider: Provider) -> None:
    back = at_the_provider(browser)
    browser.get(back)
    assert is_in(browser)
    browser.get("/staff/sign-out")
    browser.delete_cookie("turnout")
    assert browser.get(back).status_code == 422
    assert not is_in(browser)


def test_a_code_of_another_sign_in_is_refused(browser: FlaskClient, provider: Provider) -> None:
    first = at_the_provider(browser)
    stolen = next(iter(provider.codes))
    second = at_the_provider(browser)
    own = next(code for code in provider.codes if code != stolen)
    assert first != second
    assert browser.get(second.replace(own, stolen)).status_code == 422  # Its verifier is another.
    assert not is_in(browser)


def test_an_address_without_an_account_gets_none(browser: FlaskClient, provider: Provider) -> None:
    provider.email = "stranger@example.org"
    page = come_back(browser)
    assert page.response.status_code == 403
    assert "You have no account here." in page.text
    assert not is_in(browser)


def test_what_the_provider_refuses_is_said(browser: FlaskClient, provider: Provider) -> None:
    page = visit(browser, f"{START}/back?error=access_denied&error_description=no")
    assert page.response.status_code == 422
    assert "did not work" in page.text


def test_with_the_provider_away_the_page_says_so_and_the_password_works(runtime: Runtime) -> None:
    with a_provider(COORDINATOR) as provider:
        browser = create_app(a_site(runtime, provider)).test_client()
        back = at_the_provider(browser)
    for path in (START, back):
        page = visit(browser, path)
        assert page.response.status_code == 503
        assert "does not answer. You can sign in with your password." in page.text
    sign_in(browser, COORDINATOR, PASSWORD)
    assert is_in(browser)


def test_a_provider_that_calls_itself_something_else_is_not_used(
    runtime: Runtime, provider: Provider
) -> None:
    site = a_site(runtime, provider)
    provider.issuer = "https://login.example.org"
    assert create_app(site).test_client().get(START).status_code == 503


def test_without_the_settings_there_is_no_such_way_in(client: FlaskClient) -> None:
    assert client.get(START).status_code == 404
    assert client.get(f"{START}/back").status_code == 404
    assert "Sign in with" not in visit(client, "/staff/sign-in").text


@pytest.mark.parametrize(
    ("believed", "said", "is_enough"),
    [
        ("", {"amr": ["pwd", "mfa"]}, False),
        ("amr=mfa", {"amr": ["pwd", "mfa"]}, True),
        ("amr=mfa", {"amr": ["pwd"]}, False),
        ("amr=mfa", {}, False),
        ("acr=gold", {"acr": "gold"}, True),
        ("acr=gold", {"acr": "goldish"}, False),
    ],
)
def test_the_providers_second_factor_counts_only_where_the_site_is_set_to_believe_it(
    runtime: Runtime, provider: Provider, believed: str, said: dict[str, Any], is_enough: bool
) -> None:
    with_second_factor(signed_in(runtime), datetime.now(UTC))
    provider.claims = said
    browser = create_app(a_site(runtime, provider, believed)).test_client()
    page = come_back(browser)
    assert ("Code from your app" in page.text) is not is_enough
    assert is_in(browser) is is_enough
    assert provider.asked_with.get("acr_values") == ("gold" if "acr" in believed else None)
