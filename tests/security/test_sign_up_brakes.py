"""Sign-ups by programs, floods, and strangers who want to know who is registered."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.chassis.ids import new_id
from services.chassis.limits import lately
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.app import SERVICE
from services.registration.models import Registration
from services.registration.preferences import ANSWERS_BY_MAIL, choose
from tests.databases import StartService
from tests.pages import Page, submit, visit
from tests.registration.factories import signed_up, soon, tell_of

SOMEBODY = {"name": "Alex", "organisation": "1207", "not_listed": "yes", "language": "en"}
LATER = timedelta(seconds=5)
CHANGES = re.compile(r'(name="(?:csrf_token|form_key|opened)" value=")[^"]*|018[0-9a-f-]{33}')


@pytest.fixture
def runtime(start_service: StartService) -> Runtime:
    return start_service(SERVICE)


def with_brakes(runtime: Runtime, **but: str) -> FlaskClient:
    known = {"sign_up_limit": "60 per 10 minutes", "address_limit": "3 per hour"}
    slowed = replace(runtime, settings=replace(runtime.settings, **(known | but)))
    return create_app(slowed).test_client()


@pytest.fixture
def client(runtime: Runtime) -> Iterator[FlaskClient]:
    yield with_brakes(runtime)
    lately.storage.reset()


def fill_in(
    client: FlaskClient, session_id: UUID, *, after: timedelta = LATER, **typed: str
) -> Page:
    """A person reads the form for a while, and sends it."""
    form = visit(client, f"/sign-up/{session_id}")
    with time_machine.travel(datetime.now(UTC) + after):
        return submit(client, form, **(SOMEBODY | {"email": "alex@example.org"} | typed))


def count(runtime: Runtime) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Registration)) or 0


def test_a_person_signs_up_without_noticing_any_of_it(
    runtime: Runtime, client: FlaskClient
) -> None:
    assert "You are confirmed" in fill_in(client, tell_of(runtime, soon())).text
    assert count(runtime) == 1


def test_a_form_that_is_sent_at_once_is_asked_for_again_and_loses_nothing(
    runtime: Runtime, client: FlaskClient
) -> None:
    page = fill_in(client, tell_of(runtime, soon()), after=timedelta(seconds=1))
    assert page.response.status_code == 422
    assert "That was quick." in page.text
    assert page.form().fields["email"] == "alex@example.org"
    assert count(runtime) == 0
    with time_machine.travel(datetime.now(UTC) + LATER):
        assert "You are confirmed" in submit(client, page, not_listed="yes", language="en").text


def test_who_fills_in_the_field_that_nobody_sees_is_told_so(
    runtime: Runtime, client: FlaskClient
) -> None:
    page = fill_in(client, tell_of(runtime, soon()), homepage="https://example.org")
    assert page.response.status_code == 422
    assert "A field that nobody sees was filled in." in page.text
    assert page.form().fields["homepage"] == ""
    assert count(runtime) == 0


@pytest.mark.parametrize("stamp", ["", "1", "MTIz.forged"])
def test_a_form_without_our_stamp_is_asked_for_again(
    runtime: Runtime, client: FlaskClient, stamp: str
) -> None:
    page = fill_in(client, tell_of(runtime, soon()), opened=stamp)
    assert "The form was incomplete." in page.text
    assert page.form().fields["opened"] != stamp
    assert count(runtime) == 0


def test_an_address_is_signed_up_three_times_an_hour_at_most_known_or_not(
    runtime: Runtime, client: FlaskClient
) -> None:
    sessions = [tell_of(runtime, soon()) for _ in range(5)]
    pages = [fill_in(client, each, email="ALEX@example.org") for each in sessions]
    assert [page.response.status_code for page in pages] == [200, 200, 200, 429, 429]
    assert "That was a lot for one address" in pages[3].text
    assert count(runtime) == 3
    answer = client.post(
        f"/api/v1/sessions/{sessions[4]}/registrations",
        json={"name": "A", "email": "alex@example.org", "language": "en", "not_listed": True},
    )
    assert answer.status_code == 429
    assert fill_in(client, sessions[4], email="other@example.org").response.status_code == 200


def test_pressing_the_button_again_is_not_another_sign_up(
    runtime: Runtime, client: FlaskClient
) -> None:
    form = visit(client, f"/sign-up/{tell_of(runtime, soon())}")
    with time_machine.travel(datetime.now(UTC) + LATER):
        pages = [submit(client, form, **SOMEBODY, email="alex@example.org") for _ in range(6)]
    assert {page.response.status_code for page in pages} == {200}
    assert count(runtime) == 1


def test_a_thousand_posts_from_one_network_leave_no_more_rows_than_the_limit(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(capacity=1_000))
    body = {"name": "A", "language": "en", "not_listed": True}
    path = f"/api/v1/sessions/{session_id}/registrations"
    statuses = [
        client.post(path, json=body | {"email": f"a{number}@example.org"}).status_code
        for number in range(1_000)
    ]
    assert statuses == [201] * 60 + [429] * 940
    assert count(runtime) == 60


def test_a_stranger_cannot_tell_a_known_address_from_an_unknown_one(
    runtime: Runtime,
) -> None:
    """Where an organisation has chosen that answers go by mail alone."""
    client, taken = create_app(runtime).test_client(), {"known": [], "unknown": []}
    session_id = tell_of(runtime, soon(capacity=500))
    with runtime.database.writing() as db:
        choose(db, ANSWERS_BY_MAIL, True)
    for number in range(200):
        signed_up(runtime, session_id, f"Known {number}", now=datetime.now(UTC))
    form = visit(client, f"/sign-up/{session_id}")
    for number in range(200):
        seen = {}
        for which, address in (
            ("known", f"known.{number}@example.org"),
            ("unknown", f"new.{number}@example.org"),
        ):
            typed = form.form().fields | SOMEBODY | {"email": address, "form_key": str(new_id())}
            began = time.perf_counter()
            answer = client.post(f"/sign-up/{session_id}", data=typed)
            taken[which].append(time.perf_counter() - began)
            page = client.get(answer.location)
            headers = [name for name, _value in answer.headers]
            seen[which] = (answer.status_code, headers, answer.location, plain(page.text))
        assert seen["known"] == seen["unknown"]
    told = {which: f"{median(times) * 1000:.1f} ms" for which, times in taken.items()}
    print("medians of a sign-up:", told)  # noqa: T201 - to look at with `pytest -rP`, no bound.


def plain(page: str) -> str:
    return CHANGES.sub(r"\1", page)
