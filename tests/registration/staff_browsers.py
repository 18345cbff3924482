"""What a member of staff does in a browser to sign in, and what an authenticator app shows."""

import re
from datetime import datetime

import pyotp
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD

ADMIN, COORDINATOR = "admin@example.org", "coordinator@example.org"
ACCOUNT = "/staff/account"


def a_browser(runtime: Runtime, agent: str = "") -> FlaskClient:
    client = create_app(runtime).test_client()
    client.environ_base["HTTP_USER_AGENT"] = agent
    return client


def signed_in(runtime: Runtime, email: str = COORDINATOR, agent: str = "") -> FlaskClient:
    client = a_browser(runtime, agent)
    sign_in(client, email, PASSWORD)
    return client


def is_in(client: FlaskClient) -> bool:
    """Whether the desk opens, without being led to the sign-in."""
    return client.get("/staff/").status_code == 200


def set_up_app(client: FlaskClient) -> tuple[pyotp.TOTP, Page]:
    """Ask for a key and put it into an app; returns the page with the key."""
    page = submit(client, visit(client, ACCOUNT), "/second-factor", password=PASSWORD)
    return the_app(page), page


def the_app(page: Page) -> pyotp.TOTP:
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page.response.text)
    assert found is not None
    return pyotp.TOTP(found[1].replace(" ", ""))


def with_second_factor(client: FlaskClient, now: datetime) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an app to the end; returns it and the recovery codes."""
    app, page = set_up_app(client)
    page = submit(client, page, "/second-factor", code=app.at(now))
    return app, codes_on(page)


def codes_on(page: Page) -> list[str]:
    return re.findall(r"<code>([a-z0-9-]+)</code>", page.response.text)
