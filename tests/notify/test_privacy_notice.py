"""The privacy notice says what is so on this site, in both languages."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from services.chassis.service import Runtime, start
from services.chassis.web import create_app
from services.notify.app import SERVICE
from tests.pages import visit

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def with_mail(runtime: Runtime, **settings: object) -> FlaskClient:
    changed = start(SERVICE, replace(runtime.settings, **settings))
    return create_app(changed).test_client()


@pytest.mark.parametrize(
    ("settings", "english", "french"),
    [
        ({"mail_url": "folder:"}, "does not leave it", "n’en sortent pas"),
        (
            {"mail_url": "smtp://mail.example.org"},
            "mail server that its operators chose",
            "ont choisi",
        ),
        ({"mail_url": "sendgrid:"}, "in the United States", "aux États-Unis"),
        (
            {"mail_url": "sendgrid:", "sendgrid_host": "https://api.eu.sendgrid.com"},
            "servers in Europe",
            "serveurs en Europe",
        ),
    ],
)
def test_it_tells_where_the_mail_of_this_site_goes(
    runtime: Runtime, settings: dict[str, str], english: str, french: str
) -> None:
    client = with_mail(runtime, **settings)
    page = visit(client, "/privacy?lang=en")
    assert english in page.text
    assert ("SendGrid" in page.text) == settings["mail_url"].startswith("sendgrid")
    assert french in visit(client, "/privacy?lang=fr").text


def test_it_tells_the_terms_of_this_site(runtime: Runtime) -> None:
    page = visit(with_mail(runtime, retention_months=12), "/privacy?lang=en")
    assert "12 months after the workshop" in page.text
    assert "30 days after the workshop" in page.text


def test_every_page_leads_to_it(client: FlaskClient) -> None:
    assert "/privacy" in visit(client, "/privacy").links
    assert "/privacy" in visit(client, "/staff/sign-in").links
