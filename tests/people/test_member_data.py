"""A member asks from their own page for their data or to be erased; a mail has the last word."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.web import create_app
from services.registration.accounts import add_staff
from services.registration.models import Registration
from services.registration.person_models import PersonRequest
from tests.pages import Page, sign_in, submit, visit
from tests.people.site import Site, where_is
from tests.people.test_erasing import EMAIL, MARKS, NAME, sign_up_marker
from tests.registration.factories import NOW, soon, tell_of

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
PASSWORD = "a long enough password"


@pytest.fixture
def place(site: Site) -> Registration:
    session_id = tell_of(site.registration, soon())
    answer = sign_up_marker(site, session_id, now=datetime.now(UTC))
    site.settle(datetime.now(UTC))
    registration: Registration = answer.registration
    return registration


@pytest.fixture
def member(site: Site, place: Registration) -> FlaskClient:
    """Somebody who has followed the link to the page of the place, from mail or passed on."""
    client = create_app(site.registration).test_client()
    visit(client, path_of(Links(site.registration.settings).manage(place.id, 1)))
    return client


def path_of(address: str) -> str:
    return address.removeprefix("http://turnout.test")


def mailed_link(site: Site) -> str:
    """The link of the newest mail that has one to data."""
    site.settle(datetime.now(UTC))
    for path in sorted(site.mail_folder.glob("*.eml"), reverse=True):
        text = path.read_bytes().replace(b"=\r\n", b"").replace(b"=\n", b"").decode()
        if found := re.search(r"http://turnout\.test/data/[\w.=-]+", text):
            return path_of(found.group())
    raise AssertionError("no mail has a link to data")


def ask(client: FlaskClient, place: Registration, kind: str) -> Page:
    page = visit(client, f"/my/{place.id}/data")
    return submit(client, page, f"/data/{kind}")


def test_from_the_own_page_to_the_data_as_page_and_file(
    site: Site, member: FlaskClient, place: Registration
) -> None:
    own = visit(member, f"/my/{place.id}")
    assert f"/my/{place.id}/data" in own.links
    assert "A mail is on its way" in ask(member, place, "export").text
    page = Page(member.get(mailed_link(site), follow_redirects=True))
    assert "What is kept about" in page.text
    assert "a ramp" in page.text
    assert NAME in page.text
    [file] = [each for each in page.links if each.endswith("/file")]
    answer = member.get(file)
    assert answer.mimetype == "application/json"
    assert answer.json["found"]["registration"]["needs"][0]["text"] == "a ramp"
    assert answer.headers["Cache-Control"] == "no-store"


def test_whoever_has_only_the_page_learns_and_erases_nothing(
    site: Site, member: FlaskClient, place: Registration
) -> None:
    for kind in ("export", "erasure"):
        ask(member, place, kind)
    request_id = mailed_link(site) and newest_request(site)
    assert member.get(f"/data/{request_id}").status_code == 403
    assert member.get(f"/data/{request_id}/file").status_code == 403
    assert site.places()[0].name == NAME


def newest_request(site: Site) -> Any:
    with site.registration.database.reading() as db:
        query = sa.select(PersonRequest.id).order_by(PersonRequest.asked_at.desc())
        return db.scalars(query).first()


def test_erasure_is_asked_by_page_by_mail_and_once_more(
    site: Site, member: FlaskClient, place: Registration
) -> None:
    ask(member, place, "erasure")
    link = mailed_link(site)
    page = Page(member.get(link, follow_redirects=True))
    assert "You lose these places" in page.text
    assert "Grievance Handling" in page.text
    assert site.places()[0].name == NAME, "looking erases nothing"
    page = submit(member, page, "/erase")
    assert "Your data are erased" in page.text
    assert "not yet" in page.text
    assert site.places()[0].state == "cancelled"
    site.settle(datetime.now(UTC) + timedelta(seconds=5))
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    page = Page(member.get(link, follow_redirects=True))
    assert "not yet" not in page.text
    assert member.get(f"/my/{place.id}").status_code in (403, 404)


def test_the_mail_goes_once_an_hour_and_to_the_address_of_the_place(
    site: Site, member: FlaskClient, place: Registration
) -> None:
    ask(member, place, "erasure")
    assert "on its way to you already" in ask(member, place, "erasure").text
    site.settle(datetime.now(UTC))
    mails = [each.read_text() for each in site.mail_folder.glob("*.eml")]
    asked = [each for each in mails if "erase my data" in each]
    assert len(asked) == 1
    assert EMAIL in asked[0]


def test_a_link_that_was_forged_or_is_too_old_opens_nothing(
    site: Site, member: FlaskClient, place: Registration
) -> None:
    ask(member, place, "erasure")
    link = mailed_link(site)
    assert member.get(f"{link[:-3]}abc").status_code == 404
    with site.registration.database.writing() as db:
        db.connection().exec_driver_sql("UPDATE person_request SET link_until = '2026-01-01'")
    assert member.get(link, follow_redirects=True).status_code == 410


def as_staff(site: Site, role: str) -> FlaskClient:
    with site.registration.database.writing() as db:
        address = f"{role}@example.org"
        add_staff(db, name=role.title(), email=address, role=role, password=PASSWORD, now=NOW)
    client = create_app(site.registration).test_client()
    sign_in(client, f"{role}@example.org", PASSWORD)
    return client


def test_an_administrator_puts_together_and_erases_with_a_reason(
    site: Site, place: Registration
) -> None:
    admin = as_staff(site, "admin")
    address = f"/staff/registrations/{place.id}"
    page = visit(admin, address)
    assert "Please give a reason" in submit(admin, page, "/data/erase").text
    assert site.places()[0].name == NAME
    page = submit(admin, visit(admin, address), "/data/export", reason="asked by telephone")
    site.settle(datetime.now(UTC))
    page = visit(admin, page.response.request.path)
    assert NAME in page.text
    assert "not everything yet" not in page.text
    page = submit(admin, visit(admin, address), "/data/erase", reason="asked by letter")
    assert "Erased" in page.text
    site.settle(datetime.now(UTC) + timedelta(seconds=5))
    assert where_is(site, *MARKS) == {mark: set() for mark in MARKS}
    gone = visit(admin, address)
    assert "about nobody any more" in gone.text
    assert [each.action for each in gone.forms if "registrations" in each.action] == []
    history = visit(admin, f"/staff/sessions/{place.session_id}").text
    assert "data erased" in history
    assert "asked by letter" in history


def test_a_coordinator_can_do_neither(site: Site, place: Registration) -> None:
    client = as_staff(site, "coordinator")
    page = visit(client, f"/staff/registrations/{place.id}")
    assert "Their data" not in page.text
    token = page.form().fields["csrf_token"]
    for what in ("export", "erase"):
        path = f"/staff/registrations/{place.id}/data/{what}"
        answer = client.post(path, data={"reason": "x", "csrf_token": token})
        assert answer.status_code == 403
