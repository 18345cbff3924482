"""The mailbox and the staff page of mail, driven as a browser would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember
from services.chassis.web import create_app
from services.notify.models import Delivery
from tests.notify.factories import NOW, a_contact, a_session, confirmed, in_language
from tests.notify.post import deliveries, receive, send_all, states
from tests.pages import let_in, submit, visit


def signed_in(runtime: Runtime, client: FlaskClient, role: str = "coordinator") -> FlaskClient:
    email = f"{role}@example.org"
    member = StaffMember(id=new_id(), name="Alex", email=email, role=role, tokens=[])
    with runtime.database.writing() as db:
        db.add(member)
    let_in(client, member.id, datetime.now(UTC))
    return client


@pytest.mark.parametrize("path", ["/mailbox", "/staff/mail", f"/mailbox/{UUID(int=7)}/html"])
def test_only_admins_and_coordinators_read_mail(
    runtime: Runtime, client: FlaskClient, path: str
) -> None:
    assert client.get(path).status_code == 302
    assert signed_in(runtime, client, "facilitator").get(path).status_code == 403


def test_an_empty_mailbox_and_a_quiet_mail_page_say_so(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client)
    assert "No mail yet" in visit(client, "/mailbox").text
    assert "Nothing is stuck" in visit(client, "/staff/mail").text


def test_a_message_is_shown_in_both_forms_with_its_files(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    signed_in(runtime, client)
    (link,) = [each for each in visit(client, "/mailbox").links if "/mailbox/" in each]
    page = visit(client, link)
    assert "ann.lee@example.org" in page.text
    assert "Your place is confirmed." in page.text
    (file,) = [each for each in page.links if "/files/" in each]
    calendar = client.get(file)
    assert calendar.content_type.startswith("application/ics")
    assert calendar.headers["Content-Disposition"].startswith("attachment; filename=workshop.ics")
    assert client.get(file.replace("/1", "/2")).status_code == 404


def test_the_html_of_a_message_can_do_nothing(runtime: Runtime, client: FlaskClient) -> None:
    evil = a_contact(name="<script>alert(1)</script>")
    receive(runtime, confirmed(recipient=evil))
    send_all(runtime)
    answer = signed_in(runtime, client).get(f"/mailbox/{deliveries(runtime)[0].id}/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_an_unknown_message_is_not_found(runtime: Runtime, client: FlaskClient) -> None:
    signed_in(runtime, client)
    for part in ("", "/html", "/files/1"):
        assert client.get(f"/mailbox/{new_id()}{part}").status_code == 404


def test_a_long_mailbox_has_pages(runtime: Runtime, client: FlaskClient) -> None:
    for _ in range(30):
        receive(runtime, confirmed(registration_id=new_id()))
    send_all(runtime)
    signed_in(runtime, client)
    first = visit(client, "/mailbox")
    second = visit(client, "/mailbox?page=2")
    counted = [
        len([each for each in page.links if "/mailbox/" in each]) for page in (first, second)
    ]
    assert counted == [25, 5]
    assert visit(client, "/mailbox?page=nonsense").response.status_code == 200


def test_there_is_no_mailbox_where_mail_really_leaves(runtime: Runtime) -> None:
    leaving = replace(runtime, settings=replace(runtime.settings, mail_url="smtp://localhost"))
    client = signed_in(runtime, create_app(leaving).test_client())
    assert client.get("/mailbox").status_code == 404
    assert "/mailbox" not in visit(client, "/staff/mail").links


def test_a_failed_mail_is_shown_with_its_words_and_sent_again(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, in_language(confirmed(recipient=a_contact(email="nobody")), "fr"))
    receive(runtime, confirmed(registration_id=new_id(), session=a_session()))
    send_all(runtime)
    signed_in(runtime, client)
    page = visit(client, "/staff/mail")
    assert "This is not an e-mail address" in page.text
    assert "Failed" in page.text
    with runtime.database.writing() as db:
        db.get_one(Delivery, deliveries(runtime)[0].id).recipient_email = "now@example.org"
    answer = submit(client, page, "/retry")
    assert "The message is being sent again." in answer.text
    send_all(runtime, datetime.now(UTC) + timedelta(seconds=1))
    assert states(runtime) == [("confirmed", "accepted"), ("confirmed", "accepted")]
    assert "no longer among the failed" in submit(client, page, "/retry").text


def test_mail_that_waits_long_or_is_in_doubt_is_shown(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    with runtime.database.writing() as db:
        doubtful = db.get_one(Delivery, deliveries(runtime)[0].id)
        doubtful.state, doubtful.second_copy_possible = "unknown", True
    receive(runtime, confirmed(registration_id=new_id()), at=NOW)
    page = visit(signed_in(runtime, client), "/staff/mail")
    assert "In doubt" in page.text
    assert "a second copy is possible" in page.text
    assert "Waiting to be sent" in page.text


def test_the_pages_speak_french(runtime: Runtime, client: FlaskClient) -> None:
    signed_in(runtime, client)
    for path in ("/mailbox", "/staff/mail"):
        assert visit(client, f"{path}?lang=fr").language.startswith("fr")
