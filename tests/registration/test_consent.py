"""Consent to announcements: an unticked box, the member's own choice, and a record of both."""

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.service import Runtime
from services.registration.models import HistoryEntry, Person, Registration
from tests.pages import Page, follow, submit, visit
from tests.registration.factories import signed_up, soon, tell_of
from tests.registration.test_member_pages import sign_up_page


def agreed(runtime: Runtime) -> bool:
    with runtime.database.reading() as db:
        return db.scalars(sa.select(Person)).one().announcements_since is not None


def noted(runtime: Runtime) -> list[str]:
    query = sa.select(HistoryEntry.action).where(HistoryEntry.action.startswith("announcements"))
    with runtime.database.reading() as db:
        return list(db.scalars(query.order_by(HistoryEntry.id)))


def own_page(runtime: Runtime, client: FlaskClient) -> Page:
    with runtime.database.reading() as db:
        row = db.scalars(sa.select(Registration)).one()
    address = Links(runtime.settings).manage(row.id, row.link_version)
    return follow(client, address.removeprefix(runtime.settings.base_url))


@pytest.mark.parametrize("ticked", [False, True])
def test_only_who_ticks_the_box_agrees(runtime: Runtime, client: FlaskClient, ticked: bool) -> None:
    session_id = tell_of(runtime, soon())
    assert "announcements" not in visit(client, f"/sign-up/{session_id}").form("").fields
    sign_up_page(client, session_id, **({"announcements": "yes"} if ticked else {}))
    assert agreed(runtime) is ticked
    assert noted(runtime) == (["announcements_agreed"] if ticked else [])


def test_a_stranger_who_types_a_known_address_agrees_to_nothing(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_up_page(client, session_id)
    sign_up_page(client, session_id, announcements="yes")
    assert not agreed(runtime)


def test_signing_up_again_without_the_box_takes_nothing_back(
    runtime: Runtime, client: FlaskClient
) -> None:
    sign_up_page(client, tell_of(runtime, soon()), announcements="yes")
    sign_up_page(client, tell_of(runtime, soon()))
    assert agreed(runtime)


def test_a_member_changes_their_mind_on_their_own_page(
    runtime: Runtime, client: FlaskClient
) -> None:
    signed_up(runtime, tell_of(runtime, soon()), "Alex Rivera")
    page = own_page(runtime, client)
    assert "You are not told of new workshops." in page.text
    page = submit(client, page, "/announcements", agreed="yes")
    assert agreed(runtime)
    assert "You have agreed to be told of new workshops by e-mail." in page.text
    submit(client, page, "/announcements", agreed="no")
    assert not agreed(runtime)
    assert noted(runtime) == ["announcements_agreed", "announcements_ended"]


def test_a_program_can_say_that_somebody_agreed_and_need_not(
    runtime: Runtime, client: FlaskClient
) -> None:
    path = f"/api/v1/sessions/{tell_of(runtime, soon(capacity=9))}/registrations"
    body = {"name": "Alex", "email": "a@example.org", "organisation": "1207", "language": "en"}
    assert client.post(path, json=body).status_code == 201
    assert not agreed(runtime)
    path = f"/api/v1/sessions/{tell_of(runtime, soon(capacity=9))}/registrations"
    assert client.post(path, json=body | {"announcements": True}).status_code == 201
    assert agreed(runtime)
