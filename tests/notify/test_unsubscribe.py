"""Ending announcements: by a button or one click, and never by merely following a link."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.notify.models import ANNOUNCEMENT
from services.notify.reports import Report, receive_reports
from services.notify.suppressions import BY_STAFF, suppress
from tests.notify.factories import NOW, a_contact, announcement, confirmed
from tests.notify.post import deliveries, html_of, letters, mailed, receive, send_all, states
from tests.notify.test_suppressions import an_announcement
from tests.notify.test_webhook import kinds_told, suppressed
from tests.pages import follow, submit

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ENDED = [("ann.lee@example.org", "announcement", "unsubscribed")]


def path_in_header(runtime: Runtime) -> str:
    """Where the mail program of an announcement's reader would post to."""
    an_announcement(runtime)
    message = mailed(runtime)[-1]
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = message["List-Unsubscribe"].strip("<>")
    return address.removeprefix(runtime.settings.base_url)


def test_looking_at_the_page_changes_nothing(runtime: Runtime, client: FlaskClient) -> None:
    path = path_in_header(runtime)
    for _ in range(3):
        page = follow(client, path)
        assert "No more announcements?" in page.text
        assert "ann.lee@example.org" in page.text
    assert client.head(path).status_code == 302
    assert suppressed(runtime) == []


def test_the_button_ends_them_at_once(runtime: Runtime, client: FlaskClient) -> None:
    path = path_in_header(runtime)
    page = submit(client, follow(client, path), "")
    assert "You will get no more announcements" in page.text
    assert suppressed(runtime) == ENDED
    assert kinds_told(runtime) == ["message.unsubscribed.v1"]
    an_announcement(runtime)
    receive(runtime, confirmed(registration_id=new_id()))
    send_all(runtime)
    assert [state for _kind, state in states(runtime)] == ["accepted", "suppressed", "accepted"]


def test_one_click_needs_no_cookie_and_again_does_no_harm(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = path_in_header(runtime)
    for _ in range(3):
        answer = client.post(path, data=ONE_CLICK)
        assert answer.status_code == 200
    for other in ({}, {"List-Unsubscribe": "Two-Clicks"}):
        assert client.post(path, data=other).status_code == 400
    assert client.post(path, data=b"\xff", content_type="text/plain").status_code == 400
    assert suppressed(runtime) == ENDED
    assert kinds_told(runtime) == ["message.unsubscribed.v1"]
    assert "You will get no more announcements" in follow(client, path).text


def test_the_readers_own_word_is_told_though_staff_had_stopped_announcements_before(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = path_in_header(runtime)
    with runtime.database.writing() as db:
        suppress(db, "ann.lee@example.org", stream=ANNOUNCEMENT, reason=BY_STAFF, now=NOW)
    assert client.post(path, data=ONE_CLICK).status_code == 200
    assert suppressed(runtime) == [("ann.lee@example.org", "announcement", "by_staff")]
    assert kinds_told(runtime) == ["message.unsubscribed.v1"]


def test_a_refusal_that_is_reported_late_is_older_than_a_consent_since(runtime: Runtime) -> None:
    an_announcement(runtime)
    send_all(runtime)
    (first,) = deliveries(runtime)
    refused = Report("u1", "unsubscribe", NOW, first.id)
    receive_reports(runtime.database, [refused], NOW + timedelta(days=2))
    receive(runtime, announcement(agreed_at=NOW + timedelta(days=1)))
    send_all(runtime)
    assert suppressed(runtime) == []
    assert [state for _kind, state in states(runtime)] == ["accepted", "accepted"]


def test_a_link_that_we_did_not_make_is_not_found(runtime: Runtime, client: FlaskClient) -> None:
    path = path_in_header(runtime)
    links = Links(runtime.settings)
    strange = [
        *("/unsubscribe/x", path[:-1], f"{path}x", path.replace("unsubscribe/", "unsubscribe/A")),
        f"/unsubscribe/{links.manage(deliveries(runtime)[0].id, 1).rpartition('/')[2]}",
        links.unsubscribe(new_id()).removeprefix(runtime.settings.base_url),
    ]
    for each in strange:
        assert client.get(each).status_code == 404
        assert client.post(each).status_code == 404
    assert suppressed(runtime) == []


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No more announcements?"), ("fr", "Ne plus recevoir d’annonces?")],
)
def test_the_page_speaks_the_language_of_the_mail(
    runtime: Runtime, client: FlaskClient, language: str, words: str
) -> None:
    receive(runtime, confirmed(recipient=a_contact(language=language)))
    path = Links(runtime.settings).unsubscribe(deliveries(runtime)[0].id)
    page = follow(client, path.removeprefix(runtime.settings.base_url))
    assert page.language.startswith(language)
    assert words in page.text.replace("\u202f", "").replace("\u00a0", "")


def test_a_reader_s_own_choice_of_language_goes_first(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = path_in_header(runtime)
    assert follow(client, f"{path}?lang=fr").language.startswith("fr")
    assert follow(client, path).language.startswith("fr")


def test_other_mail_has_no_way_to_end_it(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    send_all(runtime, NOW)
    (message,) = letters(runtime)
    assert message["List-Unsubscribe"] is None
    assert "/unsubscribe/" not in html_of(message)
