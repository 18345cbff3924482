"""Correcting an e-mail address: what follows it, what dies, what the history keeps."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.contracts.registrations import REGISTRATION_READDRESSED
from services.registration.answers import Answer
from services.registration.models import Person, Registration
from services.registration.places import give_up
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import NOW, facts, signed_up, soon, tell_of
from tests.registration.mail_reports import (
    LATER,
    arrives,
    bounced,
    failure_of,
    person_at,
    tasks,
    waiting_tasks,
)

OLD, NEW = "alex@example.org", "alexis@example.org"


@pytest.fixture
def alex(runtime: Runtime) -> Answer:
    return signed_up(runtime, tell_of(runtime, soon(capacity=5)), "Alex")


def correct(
    client: FlaskClient, answer: Answer, email: str = NEW, reason: str = "She phoned"
) -> Page:
    page = visit(client, f"/staff/registrations/{answer.registration.id}")
    return submit(client, page, "/address", email=email, reason=reason)


def now_of(runtime: Runtime, answer: Answer) -> Registration:
    with runtime.database.reading() as db:
        return db.get_one(Registration, answer.registration.id)


def readdressed(runtime: Runtime) -> list[dict[str, Any]]:
    query = sa.select(OutboxRow).filter_by(type=REGISTRATION_READDRESSED.type)
    with runtime.database.reading() as db:
        rows = db.scalars(query.order_by(OutboxRow.event_id)).all()
    return [REGISTRATION_READDRESSED.load(row.envelope["data"]) for row in rows]


def test_the_person_has_the_new_address_and_notify_hears_of_it(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    page = correct(coordinator, alex)
    assert "The address is corrected." in page.text
    assert NEW in page.text
    assert person_at(runtime, OLD) is None
    (event,) = readdressed(runtime)
    assert event["registration_id"] == alex.registration.id
    assert (event["previous_email"], event["recipient"]["email"]) == (OLD, NEW)
    assert (event["link_version"], event["status"]) == (2, "confirmed")


def test_the_history_keeps_both_addresses_the_reason_and_who(
    coordinator: FlaskClient, alex: Answer
) -> None:
    text = correct(coordinator, alex).text
    assert "e-mail address corrected" in text
    assert f"{OLD} → {NEW} · She phoned" in text
    assert "Coordinator" in text


def test_links_in_mail_to_the_old_address_are_dead(
    runtime: Runtime, client: FlaskClient, coordinator: FlaskClient, alex: Answer
) -> None:
    links, member = Links(runtime.settings), create_app(runtime).test_client()
    base = runtime.settings.base_url
    old, new = (links.manage(alex.registration.id, each).removeprefix(base) for each in (1, 2))
    opened = member.get(old, follow_redirects=True)
    assert opened.status_code == 200
    correct(coordinator, alex)
    assert create_app(runtime).test_client().get(old, follow_redirects=True).status_code == 404
    assert create_app(runtime).test_client().get(new, follow_redirects=True).status_code == 200


def test_the_mark_goes_and_the_task_is_settled(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    arrives(runtime, bounced(alex))
    page = correct(coordinator, alex)
    assert "Mail does not arrive" not in page.text
    assert failure_of(runtime, alex) == ""
    (task,) = tasks(runtime)
    assert task.done_by == "Coordinator"
    assert "She phoned" in task.outcome


def test_a_late_report_about_the_old_address_changes_nothing(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    report = bounced(alex, email=OLD, at=LATER)
    correct(coordinator, alex)
    arrives(runtime, report)
    assert failure_of(runtime, alex) == ""
    assert waiting_tasks(runtime) == []


def test_the_form_wants_an_address_and_a_reason(coordinator: FlaskClient, alex: Answer) -> None:
    page = correct(coordinator, alex, email="alex at example", reason=" ")
    assert page.response.status_code == 422
    assert "This is not an e-mail address" in page.text
    assert "Please fill this in." in page.text
    assert page.form("/address").fields["email"] == "alex at example"


def test_the_same_address_is_no_correction(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    page = correct(coordinator, alex, email=OLD)
    assert page.response.status_code == 409
    assert "This is the address that they have already." in page.text
    assert readdressed(runtime) == []


def test_a_difference_in_case_is_a_correction(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    correct(coordinator, alex, email="Alex@example.org")
    assert now_of(runtime, alex).person.email == "Alex@example.org"


def test_all_places_of_the_person_follow(runtime: Runtime, coordinator: FlaskClient) -> None:
    places = [signed_up(runtime, tell_of(runtime, soon()), "Alex") for _ in range(3)]
    correct(coordinator, places[1])
    assert {now_of(runtime, each).person.email for each in places} == {NEW}
    assert {each["registration_id"] for each in readdressed(runtime)} == {
        each.registration.id for each in places
    }


def test_links_of_what_is_over_die_too_but_nothing_is_sent_for_it(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    over = signed_up(runtime, tell_of(runtime, facts()), "Alex")
    correct(coordinator, alex)
    assert now_of(runtime, over).link_version == 2
    assert [each["registration_id"] for each in readdressed(runtime)] == [alex.registration.id]


def test_somebody_who_is_known_there_takes_the_place_over(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    other = signed_up(runtime, tell_of(runtime, soon()), "Alex", email=NEW)
    correct(coordinator, alex)
    assert now_of(runtime, alex).person_id == other.registration.person_id
    assert now_of(runtime, other).link_version == 1
    assert len(readdressed(runtime)) == 1


def test_two_places_in_one_session_are_refused(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    other = signed_up(runtime, alex.registration.session_id, "Alex", email=NEW)
    page = correct(coordinator, alex)
    assert page.response.status_code == 409
    assert "has a place in the same session already" in page.text
    assert now_of(runtime, alex).person.email == OLD
    assert now_of(runtime, alex).link_version == 1
    with runtime.database.writing() as db:
        give_up(db, other.registration.id, now=NOW)
    correct(coordinator, alex)
    assert now_of(runtime, alex).person.email == NEW


def test_places_of_others_who_share_the_address_stay(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    robin = signed_up(runtime, tell_of(runtime, soon()), "Robin", email=OLD)
    correct(coordinator, alex)
    assert now_of(runtime, alex).person.email == NEW
    assert (now_of(runtime, robin).person.email, now_of(runtime, robin).link_version) == (OLD, 1)
    assert len(readdressed(runtime)) == 1


def test_an_address_that_nobody_reads_gets_no_announcements_any_more(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    signed_up(runtime, tell_of(runtime, soon()), "Alex", email=NEW)
    with runtime.database.writing() as db:
        db.execute(sa.update(Person).values(announcements_since=NOW))
    correct(coordinator, alex)
    left = {each: person_at(runtime, each) for each in (OLD, NEW)}
    assert {each: person and person.announcements_since for each, person in left.items()} == {
        OLD: None,
        NEW: NOW,
    }


def test_a_place_that_is_unknown_is_not_found(coordinator: FlaskClient, alex: Answer) -> None:
    page = visit(coordinator, f"/staff/registrations/{alex.registration.id}")
    fields = page.form("/address").fields | {"email": NEW, "reason": "x"}
    path = "/staff/registrations/00000000-0000-7000-8000-000000000000/address"
    assert coordinator.post(path, data=fields).status_code == 404


def test_facilitators_correct_no_addresses(
    runtime: Runtime, coordinator: FlaskClient, alex: Answer
) -> None:
    client = create_app(runtime).test_client()
    sign_in(client, "facilitator@example.org", PASSWORD)
    form = visit(client, "/staff/").form("/sign-out")
    path = f"/staff/registrations/{alex.registration.id}/address"
    data = form.fields | {"email": NEW, "reason": "x"}
    assert client.post(path, data=data).status_code == 403
