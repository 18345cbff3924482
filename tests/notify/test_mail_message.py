"""One mail of the log: the message as it was sent, what became of it, and copies of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.notify.commands import MustNotGoOut, copy_to
from services.notify.kinds import FOR_ITS_READER_ALONE, LINK_TO_DATA
from services.notify.models import Delivery, ProviderEvent, SentCopy
from services.notify.samples import sample
from services.notify.suppressions import BY_STAFF, suppress
from tests.notify.factories import (
    NOW,
    UNTIL,
    a_contact,
    cancelled,
    confirmed,
    in_language,
    offered,
    roster,
)
from tests.notify.post import deliveries, letters, receive, send_all
from tests.notify.test_pages import signed_in
from tests.pages import Page, submit, visit


def open_mail(runtime: Runtime, client: FlaskClient, number: int = 0) -> Page:
    return visit(client, f"/staff/mail/{deliveries(runtime)[number].id}")


def edit(runtime: Runtime, **values: Any) -> None:
    with runtime.database.writing() as db:
        db.execute(sa.update(Delivery).values(**values))


def test_a_message_is_shown_as_it_was_sent_with_its_files(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    (letter,) = letters(runtime)
    for words in (
        "Sent",
        str(letter["Subject"]),
        str(letter["From"]),
        "The message as it was sent",
    ):
        assert words in page.text
    assert "Ann Lee <ann.lee@example.org>" in page.text
    assert "Your place is confirmed." in page.text
    address = page.response.request.path
    html = client.get(f"{address}/html")
    policy = html.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    (file,) = [each for each in page.links if "/files/" in each]
    assert client.get(file).data.startswith(b"BEGIN:VCALENDAR")
    assert client.get(f"{address}/files/2").status_code == 404


def test_what_has_not_been_sent_is_not_made_up(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, confirmed())
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    assert "It has not been written yet" in page.text
    assert "It is due on Tuesday 10 February 2026" in page.text
    assert "Send a copy" not in page.text
    assert client.get(f"{page.response.request.path}/html").status_code == 404


def test_a_message_that_is_kept_no_longer_says_so(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    with runtime.database.writing() as db:
        db.execute(sa.delete(SentCopy))
    page = open_mail(runtime, signed_in(runtime, client))
    assert "Messages are kept for 90 days; this one is kept no longer." in page.text
    assert str(letters(runtime)[0]["Subject"]) in page.text


def test_each_attempt_and_each_report_is_told_with_the_providers_words(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    (mail,) = deliveries(runtime)
    report = ProviderEvent(id="e1", delivery_id=mail.id, kind="bounce", at=NOW, received_at=NOW)
    report.words = "550 5.1.1 <b>no such user</b>"
    blocked = ProviderEvent(id="e3", delivery_id=mail.id, kind="blocked", at=NOW, received_at=NOW)
    odd = ProviderEvent(id="e2", delivery_id=mail.id, kind="teleported", at=NOW, received_at=NOW)
    with runtime.database.writing() as db:
        db.add_all([report, blocked, odd])
    edit(runtime, state="bounced", second_copy_possible=True, settled_at=NOW)
    page = open_mail(runtime, signed_in(runtime, client))
    assert "Bounced" in page.text
    assert "Handed over" in page.text
    assert "Came back" in page.text
    assert "Turned away by the reader’s mail server" in page.text
    assert "“550 5.1.1 <b>no such user</b>”" in page.text
    assert "teleported" in page.text
    assert "A second copy is possible" in page.text


def test_a_replaced_message_says_why_and_cannot_be_copied(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed(), sequence=1)
    receive(runtime, cancelled(), sequence=2)
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    assert "Replaced by newer news" in page.text
    assert "something newer has become of this registration" in page.text
    assert "It was never written." in page.text
    assert [each.action for each in page.forms if each.action.endswith("/copy")] == []


def test_a_copy_goes_to_a_corrected_address_and_both_mails_know_each_other(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    assert page.form("/copy").fields["email"] == "ann.lee@example.org"
    copy = submit(client, page, "/copy", email=" ann.right@example.org ")
    assert "A copy is on its way to ann.right@example.org." in copy.text
    assert page.response.request.path in copy.links
    assert copy.response.request.path in open_mail(runtime, client).links
    send_all(runtime, datetime.now(UTC) + timedelta(seconds=1))
    assert [str(each["To"]) for each in letters(runtime)] == [
        "Ann Lee <ann.lee@example.org>",
        "Ann Lee <ann.right@example.org>",
    ]
    assert [each.recipient_email for each in deliveries(runtime)] == [
        "ann.lee@example.org",
        "ann.right@example.org",
    ]


def test_a_second_press_of_the_button_sends_no_second_copy(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, roster())
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    submit(client, page, "/copy")
    again = submit(client, page, "/copy")
    assert again.response.status_code == 409
    assert "This message is on its way to this address already." in again.text
    assert len(deliveries(runtime)) == 2


def test_a_copy_needs_an_address(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    signed_in(runtime, client)
    for typed in ("", "ann", "ann@example.org, jo@example.org"):
        page = submit(client, open_mail(runtime, client), "/copy", email=typed)
        assert page.response.status_code == 422
        assert page.form("/copy").fields["email"] == typed
    assert len(deliveries(runtime)) == 1


def test_a_copy_of_what_is_no_longer_true_is_refused(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, offered(until=UNTIL))
    send_all(runtime)
    signed_in(runtime, client)
    page = submit(client, open_mail(runtime, client), "/copy")
    assert page.response.status_code == 409
    assert "Not sent: the time that it speaks of has passed." in page.text
    assert len(deliveries(runtime)) == 1


def test_a_copy_to_an_address_that_gets_no_mail_is_refused(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    with runtime.database.writing() as db:
        suppress(db, "Ann.Lee@example.org", stream="all", reason=BY_STAFF, now=NOW)
    signed_in(runtime, client)
    page = submit(client, open_mail(runtime, client), "/copy")
    assert page.response.status_code == 409
    assert "Not sent: staff have stopped mail to this address." in page.text
    assert "A copy is on its way" in submit(client, page, "/copy", email="jo@example.org").text


def test_a_failed_message_is_sent_again_from_its_own_page(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed(recipient=a_contact(email="nobody")))
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    assert "Refused" in page.text
    assert "It was never written." in page.text
    again = submit(client, page, "/retry")
    assert "The message is being sent again." in again.text
    assert again.response.request.path == page.response.request.path


def test_what_is_not_there_is_not_found(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    signed_in(runtime, client)
    page = open_mail(runtime, client)
    for part in ("", "/html", "/files/1"):
        assert client.get(f"/staff/mail/{new_id()}{part}").status_code == 404
    action = page.form("/copy").action.replace(str(deliveries(runtime)[0].id), str(new_id()))
    sent = client.post(action, data=page.form("/copy").fields)
    assert sent.status_code == 404


def test_the_log_and_its_messages_speak_french(runtime: Runtime, client: FlaskClient) -> None:
    receive(runtime, in_language(confirmed(), "fr"))
    send_all(runtime)
    signed_in(runtime, client)
    assert "Journal des courriels" in visit(client, "/staff/mail/log?lang=fr").text
    page = open_mail(runtime, client)
    assert page.language.startswith("fr")
    assert "Le message tel qu’il a été envoyé" in page.text
    assert "Formation syndicale, 1re partie" in page.text


def test_what_was_sent_in_a_copy_is_no_longer_a_matter_for_staff(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    edit(runtime, state="bounced")
    signed_in(runtime, client)
    assert "Bounced" in visit(client, "/staff/mail").text
    submit(client, open_mail(runtime, client), "/copy", email="ann.right@example.org")
    send_all(runtime, datetime.now(UTC) + timedelta(seconds=1))
    assert "Nothing is stuck" in visit(client, "/staff/mail").text


def test_a_report_in_whole_seconds_is_told_after_the_handing_over(
    runtime: Runtime, client: FlaskClient
) -> None:
    receive(runtime, confirmed())
    send_all(runtime)
    (mail,) = deliveries(runtime)
    at = mail.accepted_at.replace(microsecond=0) - timedelta(seconds=1)
    report = ProviderEvent(id="e1", delivery_id=mail.id, kind="delivered", at=at, received_at=at)
    with runtime.database.writing() as db:
        db.add(report)
    _before, _, history = open_mail(runtime, signed_in(runtime, client)).text.partition(
        "What became of it"
    )
    assert history.index("Delivered") < history.index("Handed over") < history.index("Put in line")


def test_a_link_for_its_reader_alone_is_neither_kept_nor_shown_nor_copied(
    runtime: Runtime, client: FlaskClient
) -> None:
    for kind in FOR_ITS_READER_ALONE:
        receive(runtime, sample(kind, "en"))
    send_all(runtime)
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(SentCopy)).all() == []
    signed_in(runtime, client, "admin")
    for number, mail in enumerate(deliveries(runtime)):
        page = open_mail(runtime, client, number)
        assert f"Its subject was “{mail.mail_subject}”." in page.text
        assert "Its link is for its reader alone" in page.text
        assert [each.action for each in page.forms if each.action.endswith("/copy")] == []
        assert client.get(f"/staff/mail/{mail.id}/html").status_code == 404
        with runtime.database.writing() as db, pytest.raises(MustNotGoOut):
            copy_to(db, mail.id, "else@example.org", now=NOW)


def test_where_mail_stays_in_the_folder_such_a_link_is_for_administrators(
    runtime: Runtime,
) -> None:
    receive(runtime, sample(LINK_TO_DATA, "en"))
    send_all(runtime)
    (mail,) = deliveries(runtime)
    statuses = {
        role: signed_in(runtime, create_app(runtime).test_client(), role).get(f"/mailbox/{mail.id}")
        for role in ("admin", "coordinator")
    }
    assert {role: each.status_code for role, each in statuses.items()} == {
        "admin": 200,
        "coordinator": 403,
    }
