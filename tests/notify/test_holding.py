"""Mail about old news, or that may have gone out before a restore, waits for a yes."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from services.chassis.database_facts import RESTORED, note_fact
from services.chassis.service import Runtime
from services.notify.after_restore import after_restore
from tests.notify.factories import NOW, an_envelope, cancelled, confirmed, roster
from tests.notify.post import deliveries, mailed, receive, states
from tests.notify.test_pages import signed_in
from tests.pages import Page, submit, visit

HELD_MAIL = "/staff/mail/held"
A_DAY = timedelta(hours=24)
SOMEBODY_ELSE = UUID("018f0000-0000-7000-8000-00000000000f")


@pytest.fixture
def dialect() -> str:
    """Nothing in here depends on the database."""
    return "sqlite"


def arrive(runtime: Runtime, sample: tuple, *, late: timedelta, sequence: int = 1) -> None:
    """Let an event of NOW arrive so much later."""
    runtime.inbox.receive(an_envelope(*sample, sequence=sequence), NOW + late)


def restored(runtime: Runtime, service: str, *, lost: timedelta) -> None:
    """Note that a service was set back at NOW, by so much."""
    with runtime.database.writing() as db:
        note_fact(db, f"{RESTORED} {service}", (NOW - lost).isoformat(), NOW)
        after_restore(db, service, NOW)


def test_news_of_a_day_goes_out_and_older_news_is_held(runtime: Runtime) -> None:
    arrive(runtime, confirmed(), late=A_DAY)
    arrive(runtime, confirmed(registration_id=SOMEBODY_ELSE), late=A_DAY + timedelta(seconds=1))
    mailed(runtime, NOW + A_DAY + timedelta(minutes=1))
    assert states(runtime) == [("confirmed", "accepted"), ("confirmed", "held")]


def test_held_rosters_and_digests_void_nothing_that_waits(runtime: Runtime) -> None:
    receive(runtime, roster(content_version="v1"), at=NOW + A_DAY * 2)
    arrive(runtime, roster(content_version="v2"), late=A_DAY * 2)
    assert sorted(states(runtime)) == [("roster", "held"), ("roster", "queued")]


def test_what_a_restored_notify_believes_unsent_is_held(runtime: Runtime) -> None:
    receive(runtime, confirmed())
    restored(runtime, "notify", lost=timedelta(hours=1))
    assert mailed(runtime, NOW + timedelta(hours=1)) == []
    assert states(runtime) == [("confirmed", "held")]


def test_after_its_restore_only_mail_about_what_happened_before_it_is_held(
    runtime: Runtime,
) -> None:
    restored(runtime, "notify", lost=timedelta(hours=1))
    arrive(runtime, confirmed(), late=timedelta(minutes=1))
    receive(runtime, cancelled(), sequence=2, at=NOW + timedelta(minutes=2))
    assert sorted(states(runtime)) == [("cancelled", "queued"), ("confirmed", "held")]


def test_what_a_restored_registration_says_once_more_is_held(runtime: Runtime) -> None:
    receive(runtime, confirmed(), at=NOW - timedelta(minutes=30))
    receive(runtime, confirmed(registration_id=SOMEBODY_ELSE), at=NOW - timedelta(hours=2))
    restored(runtime, "registration", lost=timedelta(hours=1))
    soon = NOW + timedelta(minutes=1)
    receive(runtime, confirmed(), sequence=9, at=soon)
    receive(runtime, confirmed(registration_id=SOMEBODY_ELSE), sequence=9, at=soon)
    assert [state for _kind, state in states(runtime)] == ["queued", "queued", "held", "queued"]


def decide(client: FlaskClient, decision: str) -> Page:
    return submit(client, visit(client, HELD_MAIL), f"/{decision}")


def test_staff_see_what_is_held_and_let_it_go_out(runtime: Runtime, client: FlaskClient) -> None:
    arrive(runtime, confirmed(), late=A_DAY * 2)
    signed_in(runtime, client)
    overview = visit(client, "/staff/mail")
    assert "1 message is held" in overview.text
    assert HELD_MAIL in overview.links
    page = visit(client, HELD_MAIL)
    assert "the news reached us more than a day late" in page.text
    assert "1 message goes out now" in decide(client, "release").text
    assert len(mailed(runtime, deliveries(runtime)[0].due_at)) == 1


def test_staff_can_decide_against_it_and_the_record_says_so(
    runtime: Runtime, client: FlaskClient
) -> None:
    arrive(runtime, confirmed(), late=A_DAY * 2)
    signed_in(runtime, client)
    assert "1 message will not be sent" in decide(client, "drop").text
    [mail] = deliveries(runtime)
    assert (mail.state, mail.error) == (
        "superseded",
        "Not sent: it was held, and somebody decided against it.",
    )
    assert "No message is held" in visit(client, HELD_MAIL).text


def test_what_is_held_after_the_page_was_read_is_not_decided_with_it(
    runtime: Runtime, client: FlaskClient
) -> None:
    arrive(runtime, confirmed(), late=A_DAY * 2)
    signed_in(runtime, client)
    page = visit(client, HELD_MAIL)
    arrive(runtime, confirmed(registration_id=SOMEBODY_ELSE), late=A_DAY * 2)
    submit(client, page, "/release")
    assert [state for _kind, state in states(runtime)] == ["queued", "held"]


def test_a_decision_about_nothing_is_refused(runtime: Runtime, client: FlaskClient) -> None:
    signed_in(runtime, client)
    for sent in ({}, {"newest": "all of them"}):
        assert client.post(f"{HELD_MAIL}/release", data=sent).status_code in (400, 403)
