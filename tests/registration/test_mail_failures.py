"""Mail that does not arrive: the person is marked wherever they are shown, until one does."""

import csv
import io
import itertools
import zipfile
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.contracts.registrations import ROSTER_DUE
from services.registration.answers import Answer
from services.registration.models import HistoryEntry, Person
from services.registration.places import give_up
from tests.pages import follow, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import NOW, a_session, facts, signed_up, soon, tell_of
from tests.registration.mail_reports import (
    AT,
    EARLIER,
    LATER,
    WORDS,
    arrives,
    bounced,
    delivered,
    failure_of,
    person_at,
    tasks,
    unsubscribed,
    waiting_tasks,
)


def history(runtime: Runtime, registration_id: UUID) -> list[tuple[str, str, str]]:
    query = sa.select(HistoryEntry).filter_by(registration_id=registration_id)
    with runtime.database.reading() as db:
        rows = db.scalars(query.order_by(HistoryEntry.at, HistoryEntry.id))
        return [(each.actor, each.action, each.reason) for each in rows]


def rosters_sent(runtime: Runtime) -> list[dict[str, Any]]:
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(OutboxRow).filter_by(type=ROSTER_DUE.type)).all()
    return [ROSTER_DUE.load(row.envelope["data"]) for row in rows]


def test_a_bounce_marks_the_person_in_the_providers_words(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    arrives(runtime, bounced(alex))
    person = person_at(runtime, "alex@example.org")
    assert person is not None
    assert (person.mail_failure, person.mail_failed_at) == (WORDS, AT)
    assert history(runtime, alex.registration.id)[-1] == ("turnout", "mail_failed", WORDS)
    assert waiting_tasks(runtime) == [WORDS]


def test_an_address_is_found_whatever_its_case(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex", email="Alex@Example.org")
    arrives(runtime, bounced(alex, email="aLEX@example.ORG"))
    assert failure_of(runtime, alex) == WORDS


def test_several_bounces_are_one_task_and_the_last_words_count(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    arrives(runtime, bounced(alex), bounced(alex, at=LATER, words="552 Mailbox full"))
    assert waiting_tasks(runtime) == ["552 Mailbox full"]
    assert tasks(runtime)[0].created_at == LATER
    assert failure_of(runtime, alex) == "552 Mailbox full"


def test_each_registration_has_its_own_task(runtime: Runtime) -> None:
    both = [signed_up(runtime, a_session(runtime), "Alex") for _ in range(2)]
    arrives(runtime, *(bounced(each) for each in both))
    assert len(waiting_tasks(runtime)) == 2


def test_a_report_that_arrives_twice_has_its_effect_once(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    envelope = arrives(runtime, bounced(alex))
    before = history(runtime, alex.registration.id)
    runtime.inbox.receive(envelope, LATER)
    assert history(runtime, alex.registration.id) == before
    assert len(tasks(runtime)) == 1


def test_a_later_mail_that_arrives_takes_the_mark_back(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    arrives(runtime, bounced(alex), delivered(alex, at=LATER))
    assert failure_of(runtime, alex) == ""
    (task,) = tasks(runtime)
    assert (task.done_by, task.done_at) == ("turnout", LATER)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_the_newest_report_counts(runtime: Runtime, order: tuple[int, ...]) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    reports = [
        bounced(alex, at=EARLIER, words="first"),
        delivered(alex, at=AT),
        bounced(alex, at=LATER, words="last"),
    ]
    arrives(runtime, *(reports[place] for place in order))
    assert failure_of(runtime, alex) == "last"
    assert waiting_tasks(runtime) == ["last"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_an_arrival_that_is_newest_leaves_no_mark(
    runtime: Runtime, order: tuple[int, ...]
) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    reports = [
        bounced(alex, at=EARLIER),
        bounced(alex, at=AT),
        delivered(alex, at=LATER),
    ]
    arrives(runtime, *(reports[place] for place in order))
    assert failure_of(runtime, alex) == ""
    assert waiting_tasks(runtime) == []


def test_a_bounce_from_an_address_that_nobody_has_any_more_changes_nothing(
    runtime: Runtime,
) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    arrives(runtime, bounced(alex, email="former@example.org"))
    assert failure_of(runtime, alex) == ""
    assert tasks(runtime) == []


def test_a_place_that_has_ended_makes_no_task(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    with runtime.database.writing() as db:
        give_up(db, alex.registration.id, now=NOW)
    arrives(runtime, bounced(alex, kind="cancelled"))
    assert failure_of(runtime, alex) == WORDS
    assert tasks(runtime) == []


def test_a_session_that_is_over_makes_no_task(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    arrives(runtime, bounced(alex, at=AT + timedelta(days=60)))
    assert tasks(runtime) == []


def test_whoever_did_not_hear_that_their_session_is_cancelled_is_a_task(runtime: Runtime) -> None:
    session = facts()
    alex = signed_up(runtime, tell_of(runtime, session), "Alex")
    tell_of(runtime, session | {"status": "cancelled"}, sequence=2)
    arrives(runtime, bounced(alex, kind="notice_cancelled"))
    assert waiting_tasks(runtime) == [WORDS]


def test_a_roster_that_does_not_arrive_is_a_task_of_its_session(runtime: Runtime) -> None:
    session_id = a_session(runtime)
    about = {"registration_id": None, "session_id": session_id, "kind": "roster"}
    hosts = ("host@example.org", "facilitator@example.org")
    arrives(runtime, *(bounced(email=each, **about) for each in hosts))
    arrives(runtime, bounced(email=hosts[0], **about, words="again"))
    words = [f"{hosts[0]}: again", f"{hosts[1]}: {WORDS}"]
    assert sorted(waiting_tasks(runtime)) == sorted(words)
    assert {each.session_id for each in tasks(runtime)} == {session_id}
    arrives(runtime, delivered(email=hosts[0], **about, at=LATER))
    assert waiting_tasks(runtime) == [words[1]]


def test_a_digest_that_does_not_arrive_is_a_task_of_no_session(runtime: Runtime) -> None:
    about = {"registration_id": None, "session_id": None, "kind": "digest"}
    arrives(runtime, bounced(email="coordinator@example.org", **about))
    assert waiting_tasks(runtime) == [f"coordinator@example.org: {WORDS}"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_in_any_order_the_newest_report_about_a_roster_counts(
    runtime: Runtime, order: tuple[int, ...]
) -> None:
    about = {"registration_id": None, "session_id": a_session(runtime), "kind": "roster"}
    host = about | {"email": "host@example.org"}
    reports = [
        bounced(**host, at=EARLIER, words="first"),
        delivered(**host, at=AT),
        bounced(**host, at=LATER, words="last"),
    ]
    arrives(runtime, *(reports[place] for place in order))
    assert waiting_tasks(runtime) == ["host@example.org: last"]


def test_an_announcement_that_does_not_arrive_is_a_mark_and_no_task(runtime: Runtime) -> None:
    alex = signed_up(runtime, a_session(runtime), "Alex")
    about = {"registration_id": None, "session_id": None, "kind": "group_message"}
    arrives(runtime, bounced(email="alex@example.org", **about))
    assert failure_of(runtime, alex) == WORDS
    assert tasks(runtime) == []


def test_whoever_wants_no_more_announcements_gets_none_until_they_agree_anew(
    runtime: Runtime,
) -> None:
    signed_up(runtime, a_session(runtime), "Alex")
    for agreed, left in ((EARLIER, None), (LATER, LATER)):
        with runtime.database.writing() as db:
            db.execute(sa.update(Person).values(announcements_since=agreed))
        arrives(runtime, unsubscribed("ALEX@example.org", AT))
        person = person_at(runtime, "alex@example.org")
        assert person is not None
        assert person.announcements_since == left


def test_a_word_from_before_somebody_agreed_anew_takes_nothing_back(runtime: Runtime) -> None:
    signed_up(runtime, a_session(runtime), "Alex", now=EARLIER, announcements=True)
    signed_up(runtime, a_session(runtime), "Alex", now=LATER, announcements=True)
    arrives(runtime, unsubscribed("alex@example.org", AT))
    person = person_at(runtime, "alex@example.org")
    assert person is not None
    assert person.announcements_since == LATER


def test_reports_about_strangers_are_taken_without_complaint(runtime: Runtime) -> None:
    arrives(runtime, unsubscribed("nobody@example.org", AT))
    about = {"registration_id": None, "session_id": None, "email": "nobody@example.org"}
    arrives(runtime, delivered(**about))
    assert person_at(runtime, "nobody@example.org") is None


def a_marked_person(runtime: Runtime) -> Answer:
    alex = signed_up(runtime, tell_of(runtime, soon()), "Alex")
    arrives(runtime, bounced(alex))
    return alex


def test_staff_see_the_mark_and_the_words(runtime: Runtime, coordinator: FlaskClient) -> None:
    alex = a_marked_person(runtime)
    session = visit(coordinator, f"/staff/sessions/{alex.registration.session_id}").text
    assert "mail does not arrive" in session
    person = visit(coordinator, f"/staff/registrations/{alex.registration.id}").text
    assert f"The mail service said: “{WORDS}”" in person
    assert "1 task waits for somebody" in visit(coordinator, "/staff/").text


def test_a_facilitator_sees_the_mark_but_not_the_words(runtime: Runtime) -> None:
    alex = a_marked_person(runtime)
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    page = visit(client, f"/staff/sessions/{alex.registration.session_id}")
    assert "mail does not arrive" in page.text
    assert WORDS not in page.text
    assert "task" not in visit(client, "/staff/").text


def test_without_a_failure_no_page_speaks_of_one(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    alex = signed_up(runtime, tell_of(runtime, soon()), "Alex")
    for path in (
        f"/staff/sessions/{alex.registration.session_id}",
        f"/staff/registrations/{alex.registration.id}",
        "/staff/",
    ):
        text = visit(coordinator, path).text.casefold()
        for words in ("mail does not arrive", "mail did not arrive", "task waits"):
            assert words not in text


@pytest.mark.parametrize(
    ("language", "words"), [("en", "mail does not arrive"), ("fr", "le courriel n’arrive pas")]
)
def test_each_form_of_the_roster_has_the_mark_in_its_language(
    runtime: Runtime, coordinator: FlaskClient, language: str, words: str
) -> None:
    session_id = a_marked_person(runtime).registration.session_id
    coordinator.get(f"/staff/?lang={language}", follow_redirects=True)
    path = f"/staff/sessions/{session_id}/roster"
    table = coordinator.get(f"{path}.csv").data.decode("utf-8-sig")
    assert words in next(row for row in csv.reader(io.StringIO(table)) if "Alex" in row)
    with zipfile.ZipFile(io.BytesIO(coordinator.get(f"{path}.xlsx").data)) as book:
        assert words in book.read("xl/sharedStrings.xml").decode()
    assert coordinator.get(f"{path}.pdf").data[:5] == b"%PDF-"


def test_a_roster_by_mail_has_the_mark_in_its_readers_language(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = a_marked_person(runtime).registration.session_id
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    submit(coordinator, page, "/roster")
    notes = {
        each["recipient"]["language"]: each["lines"][0]["note"] for each in rosters_sent(runtime)
    }
    assert notes == {"en": "mail does not arrive", "fr": "le courriel n’arrive pas"}
    versions = {each["content_version"] for each in rosters_sent(runtime)}
    assert len(versions) == 1


def test_the_roster_by_link_has_the_mark(runtime: Runtime, client: FlaskClient) -> None:
    session_id = a_marked_person(runtime).registration.session_id
    sign_in(client, "coordinator@example.org", PASSWORD)
    submit(client, visit(client, f"/staff/sessions/{session_id}"), "/roster")
    token = rosters_sent(runtime)[0]["link_token"]
    page = follow(create_app(runtime).test_client(), f"/roster/{token}")
    assert "mail does not arrive" in page.text
