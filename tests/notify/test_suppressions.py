"""Addresses that get no mail: held back in sight, kept by staff, and free again in time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.notify.models import ANNOUNCEMENT, Delivery, Suppression
from services.notify.provider_pause import pause_all
from services.notify.suppressions import (
    ALL,
    BY_STAFF,
    UNSUBSCRIBED,
    WHY_NOT_SENT,
    address_key,
    suppress,
    suppression_of,
)
from tests.notify.factories import NOW, a_contact, confirmed
from tests.notify.post import deliveries, mailed, receive, send_all, states
from tests.notify.test_pages import signed_in
from tests.notify.test_webhook import kinds_told, suppressed, told
from tests.pages import FoundForm, Page, submit, visit

PAGE = "/staff/mail/suppressions"
ANN = "ann.lee@example.org"


def stop(runtime: Runtime, email: str = ANN, **but: Any) -> bool:
    facts = {"stream": ALL, "reason": "hard_bounce", "now": NOW, "words": "550 no such user"}
    with runtime.database.writing() as db:
        return suppress(db, email, **{**facts, **but})


def the_form(page: Page) -> FoundForm:
    """The form that stops mail, beside the search, which has the same address."""
    (found,) = [each for each in page.forms if (each.action, each.method) == (PAGE, "post")]
    return found


def add(client: FlaskClient, page: Page, **typed: str) -> Page:
    sent = {**the_form(page).fields, **typed}
    return Page(client.post(PAGE, data=sent, follow_redirects=True))


def reason_at(runtime: Runtime, now: datetime, stream: str = "transactional") -> str:
    with runtime.database.reading() as db:
        found = suppression_of(db, ANN, stream, now)
    return found.reason if found else ""


def an_announcement(runtime: Runtime) -> None:
    """A mail of the stream that can be ended."""
    receive(runtime, confirmed(registration_id=new_id()))
    with runtime.database.writing() as db:
        newest = db.scalars(sa.select(Delivery).order_by(Delivery.id.desc())).first()
        assert newest is not None
        newest.stream = ANNOUNCEMENT


def test_mail_to_an_address_that_bounced_is_held_back_and_staff_are_told(runtime: Runtime) -> None:
    stop(runtime)
    receive(runtime, confirmed(recipient=a_contact(email="Ann.Lee@Example.org")))
    assert mailed(runtime) == []
    (delivery,) = deliveries(runtime)
    assert (delivery.state, delivery.attempts) == ("suppressed", 0)
    assert delivery.error == WHY_NOT_SENT["hard_bounce"]
    ((name, data),) = told(runtime)
    assert (name, data["reason"]) == ("message.bounced.v1", "suppressed")
    assert data["words"].endswith("550 no such user")


def test_who_wants_no_announcements_still_hears_of_their_own_workshop(runtime: Runtime) -> None:
    stop(runtime, stream=ANNOUNCEMENT, reason=UNSUBSCRIBED)
    an_announcement(runtime)
    receive(runtime, confirmed(registration_id=new_id()))
    assert len(mailed(runtime)) == 1
    assert sorted(state for _kind, state in states(runtime)) == ["accepted", "suppressed"]
    assert told(runtime) == []


def test_a_bounce_stops_the_mails_that_wait_for_the_same_address(runtime: Runtime) -> None:
    for _ in range(3):
        receive(runtime, confirmed(registration_id=new_id()))
    stop(runtime)
    send_all(runtime)
    assert {state for _kind, state in states(runtime)} == {"suppressed"}
    assert kinds_told(runtime) == ["message.bounced.v1:suppressed"] * 3


def test_a_suppression_ends_by_itself(runtime: Runtime) -> None:
    stop(runtime, until=NOW + timedelta(days=180))
    assert reason_at(runtime, NOW + timedelta(days=179)) == "hard_bounce"
    assert reason_at(runtime, NOW + timedelta(days=181)) == ""
    receive(runtime, confirmed())
    assert len(mailed(runtime, NOW + timedelta(days=181))) == 1


def test_of_two_suppressions_the_longer_is_kept(runtime: Runtime) -> None:
    assert stop(runtime, until=NOW + timedelta(days=180))
    assert not stop(runtime, until=NOW + timedelta(days=10), reason=BY_STAFF)
    assert stop(runtime, reason="spam_report")
    assert not stop(runtime, until=NOW + timedelta(days=900))
    assert suppressed(runtime) == [(ANN, ALL, "spam_report")]


def test_one_that_has_ended_gives_way_to_a_shorter(runtime: Runtime) -> None:
    stop(runtime, until=NOW - timedelta(days=1))
    assert stop(runtime, until=NOW + timedelta(days=1), reason=BY_STAFF)
    assert reason_at(runtime, NOW) == BY_STAFF


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ann@Example.ORG", "ann@example.org"), (" ann@example.org", "ann@example.org")],
)
def test_an_address_is_the_same_in_any_case(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)
    assert address_key("josé@example.org") != address_key("jose@example.org")
    assert len(address_key("é" * 400)) == 320


def test_a_mail_that_is_refused_for_good_is_told(runtime: Runtime) -> None:
    receive(runtime, confirmed(recipient=a_contact(email="nobody")))
    send_all(runtime)
    ((name, data),) = told(runtime)
    assert (name, data["reason"]) == ("message.bounced.v1", "refused")
    assert "not an e-mail address" in data["words"]


def test_staff_stop_mail_see_why_and_let_it_go_again(runtime: Runtime, client: FlaskClient) -> None:
    page = visit(signed_in(runtime, client), PAGE)
    assert "No address is on the list" in page.text
    page = add(client, page, email="Bo@Example.org", stream=ALL, words="Asked by phone")
    assert "Mail to Bo@example.org is stopped." in page.text
    for words in ("bo@example.org", "All mail", "Asked by phone", "Alex", "for good"):
        assert words in page.text
    receive(runtime, confirmed(recipient=a_contact(email="bo@example.org")))
    assert mailed(runtime) == []
    page = submit(client, page, "/lift", reason="A typing error")
    assert "Mail goes to bo@example.org again." in page.text
    assert "No address is on the list" in page.text
    with runtime.database.reading() as db:
        row = db.scalars(sa.select(Suppression)).one()
    assert (row.words, row.by) == ("A typing error", "Alex")
    assert row.until is not None
    receive(
        runtime, confirmed(registration_id=new_id(), recipient=a_contact(email="bo@example.org"))
    )
    assert len(mailed(runtime, row.until)) == 1


def test_nothing_is_let_go_without_a_reason(runtime: Runtime, client: FlaskClient) -> None:
    stop(runtime)
    signed_in(runtime, client)
    page = submit(client, visit(client, PAGE), "/lift", reason="")
    assert "Please say why" in page.text
    assert len(suppressed(runtime)) == 1
    page = submit(client, page, "/lift", reason="It works now")
    assert "No address is on the list" in page.text
    gone = f"{PAGE}/{new_id()}/lift"
    again = client.post(gone, data={"reason": "x"}, follow_redirects=True)
    assert again.status_code in (200, 400)


def test_the_last_day_without_mail_is_by_the_clock_on_the_wall(
    runtime: Runtime, client: FlaskClient
) -> None:
    page = visit(signed_in(runtime, client), PAGE)
    last = datetime.now(UTC).date() + timedelta(days=30)
    add(client, page, email=ANN, stream=ANNOUNCEMENT, words="x", until=last.isoformat())
    with runtime.database.reading() as db:
        row = db.scalars(sa.select(Suppression)).one()
    assert row.until is not None
    assert row.until.date() == last + timedelta(days=1)
    assert row.until.hour in (3, 4)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "nobody"),
        ("email", ""),
        ("stream", ""),
        ("stream", "transactional"),
        ("words", ""),
        ("until", "soon"),
        ("until", "9999-12-31"),
        ("email", "bo\x00@example.org"),
        ("words", "x" * 501),
        ("until", date(2020, 1, 1).isoformat()),
    ],
)
def test_a_wrong_answer_is_shown_beside_what_was_typed(
    runtime: Runtime, client: FlaskClient, field: str, typed: str
) -> None:
    page = visit(signed_in(runtime, client), PAGE)
    answers = {"email": "bo@example.org", "stream": ALL, "words": "Asked by phone", field: typed}
    answer = add(client, page, **answers)
    assert answer.response.status_code == 422
    assert "There is a problem" in answer.text
    assert the_form(answer).fields["words"] == answers["words"]
    assert suppressed(runtime) == []


def searched(client: FlaskClient, part: str) -> Page:
    page = submit(client, visit(client, PAGE), "/search", search=part)
    assert part not in page.response.request.url
    return page


def test_an_address_is_found_by_a_part_of_it(runtime: Runtime, client: FlaskClient) -> None:
    for name in ("bo", "b_o", "zoé"):
        stop(runtime, f"{name}@example.org")
    signed_in(runtime, client)
    assert "zoé@" in searched(client, "ZOÉ").text
    found = searched(client, "b_o").text
    assert "b_o@example.org" in found
    assert "bo@example.org" not in found.replace("b_o@example.org", "")
    assert "No address is on the list" in searched(client, "%").text


def test_what_no_address_has_in_it_cannot_be_searched_for(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client)
    for typed, words in (("\0", "cannot be shown"), ("x" * 255, "This is too long")):
        answer = searched(client, typed)
        assert answer.response.status_code == 422
        assert words in answer.text


def test_only_admins_and_coordinators_see_the_list(runtime: Runtime, client: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 302
    assert signed_in(runtime, client, "facilitator").get(PAGE).status_code == 403


def test_a_pause_of_all_mail_is_shown_in_one_sentence(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_in(runtime, client)
    assert "Nothing is sent until" not in visit(client, "/staff/mail").text
    with runtime.database.writing() as db:
        now = datetime.now(UTC)
        pause_all(db, "429 too many requests", wish=now + timedelta(minutes=3), now=now)
    page = visit(client, "/staff/mail").text
    assert "Nothing is sent until" in page
    assert "429 too many requests" in page


def test_the_list_speaks_french(runtime: Runtime, client: FlaskClient) -> None:
    stop(runtime)
    page = visit(signed_in(runtime, client), f"{PAGE}?lang=fr")
    assert "Adresses qui ne reçoivent aucun courriel" in page.text
    assert "Un message est revenu" in page.text
