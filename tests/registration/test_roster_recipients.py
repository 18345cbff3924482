"""Who gets a session's rosters: by the catalog and by staff, with links that die and openings."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.chassis.links import Links
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.roster_recipients import recipient_lines, recipients_of
from services.registration.sending_models import RosterRecipient
from tests.pages import Page, follow, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import facts, signed_up, soon, tell_of

ROBIN = {"name": "Robin", "email": "robin@example.org", "language": "fr"}


@pytest.fixture
def reader(runtime: Runtime) -> FlaskClient:
    """Somebody who is not signed in."""
    return create_app(runtime).test_client()


def names(runtime: Runtime, session_id: UUID) -> list[str]:
    with runtime.database.reading() as db:
        return [each.name for each in recipients_of(db, session_id)]


def link(runtime: Runtime, session_id: UUID, name: str = "Facilitator") -> str:
    query = sa.select(RosterRecipient.id).where(
        RosterRecipient.session_id == session_id, RosterRecipient.name == name
    )
    with runtime.database.reading() as db:
        return f"/roster/{Links(runtime.settings).roster_token(db.scalars(query).one())}"


def openings(runtime: Runtime, session_id: UUID) -> dict[str, int]:
    with runtime.database.reading() as db:
        lines = recipient_lines(db, session_id)
    return {each.recipient.name: each.openings for each in lines}


def mailed(runtime: Runtime) -> list[dict[str, Any]]:
    query = sa.select(OutboxRow).where(OutboxRow.type == "roster.due.v2")
    with runtime.database.reading() as db:
        rows = db.scalars(query.order_by(OutboxRow.event_id))
        return [row.envelope["data"] for row in rows]


def page_of(client: FlaskClient, session_id: UUID) -> Page:
    return visit(client, f"/staff/sessions/{session_id}")


def add_robin(client: FlaskClient, session_id: UUID, **more: str) -> Page:
    return submit(client, page_of(client, session_id), "/recipients", **ROBIN, **more)


def remove(client: FlaskClient, runtime: Runtime, session_id: UUID, name: str) -> Page:
    page = page_of(client, session_id)
    with runtime.database.reading() as db:
        [row] = [each for each in recipients_of(db, session_id) if each.name == name]
    return submit(client, page, f"/{row.id}/remove")


def test_facilitators_and_host_get_the_roster_each_address_once(runtime: Runtime) -> None:
    session = facts()
    both = session["facilitators"][0] | {"email": "FACILITATOR@example.org"}
    assert names(runtime, tell_of(runtime, session)) == ["Facilitator", "Host"]
    assert names(runtime, tell_of(runtime, facts(host=both))) == ["Facilitator"]


def test_a_facilitator_who_is_replaced_loses_the_link_and_one_who_returns_has_it_again(
    runtime: Runtime, reader: FlaskClient
) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    path = link(runtime, session_id)
    assert follow(reader, path).response.status_code == 200
    tell_of(runtime, session | {"facilitators": [ROBIN]}, sequence=2)
    assert names(runtime, session_id) == ["Robin", "Host"]
    page = follow(reader, path)
    assert page.response.status_code == 410
    assert "You are no longer among those who get this roster." in page.text
    tell_of(runtime, session, sequence=3)
    assert names(runtime, session_id) == ["Facilitator", "Host"]
    assert follow(reader, path).response.status_code == 200


def test_a_new_name_or_language_from_the_catalog_is_taken_over(runtime: Runtime) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    renamed = session["facilitators"][0] | {"name": "Facilitator Tremblay", "language": "fr"}
    tell_of(runtime, session | {"facilitators": [renamed]}, sequence=2)
    with runtime.database.reading() as db:
        first = recipients_of(db, session_id)[0]
    assert (first.name, first.language) == ("Facilitator Tremblay", "fr")


def test_whom_staff_removed_stays_removed_while_the_catalog_names_them(
    runtime: Runtime, coordinator: FlaskClient, reader: FlaskClient
) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    path = link(runtime, session_id, "Host")
    assert "Host no longer gets the roster" in remove(coordinator, runtime, session_id, "Host").text
    assert follow(reader, path).response.status_code == 410
    tell_of(runtime, session | {"capacity": 9}, sequence=2)
    assert names(runtime, session_id) == ["Facilitator"]
    text = page_of(coordinator, session_id).text
    assert "somebody no longer gets the roster" in text
    assert "Coordinator" in text


def test_whom_staff_added_stays_when_the_catalog_no_longer_names_them(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    add_robin(coordinator, session_id)
    tell_of(runtime, session | {"facilitators": [ROBIN]}, sequence=2)
    assert names(runtime, session_id) == ["Robin", "Host"]
    tell_of(runtime, session | {"facilitators": []}, sequence=3)
    assert names(runtime, session_id) == ["Host", "Robin"]
    assert "added by Coordinator" in page_of(coordinator, session_id).text


def test_a_colleague_is_chosen_from_the_staff_accounts_and_then_no_longer_offered(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    page = page_of(coordinator, session_id)
    assert "Admin (admin@example.org)" in page.text
    assert "Facilitator (facilitator@example.org)" not in page.text
    with runtime.database.reading() as db:
        admin = db.scalar(sa.text("SELECT id FROM staff_member WHERE name = 'Admin'"))
    page = submit(coordinator, page, "/colleague", staff_id=str(UUID(str(admin))), send_now="yes")
    assert "The roster is on its way to Admin." in page.text
    assert names(runtime, session_id) == ["Facilitator", "Host", "Admin"]
    assert "Admin (admin@example.org)" not in page.text
    assert [each["recipient"]["email"] for each in mailed(runtime)] == ["admin@example.org"]


def test_an_address_that_is_there_already_is_refused_and_what_was_typed_stays(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    assert "Robin gets the roster from now on." in add_robin(coordinator, session_id).text
    page = add_robin(coordinator, session_id)
    assert page.response.status_code == 409
    assert "Somebody with this address gets the roster already." in page.text
    assert page.form("/recipients").fields["name"] == "Robin"
    page = submit(coordinator, page, "/recipients", email="not an address")
    assert page.response.status_code == 422
    page = submit(coordinator, page_of(coordinator, session_id), "/colleague")
    assert page.response.status_code == 422
    assert names(runtime, session_id) == ["Facilitator", "Host", "Robin"]


def test_a_facilitator_sees_who_gets_the_roster_and_changes_nothing(
    runtime: Runtime, reader: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_in(reader, "facilitator@example.org", PASSWORD)
    page = page_of(reader, session_id)
    assert "Who gets the roster" in page.text
    assert "host@example.org" not in page.text
    assert not [form for form in page.forms if "/recipients" in form.action]
    page = follow(reader, f"/staff/sessions/{session_id}/recipients")
    assert "Host" in page.text
    token = page.forms[0].fields["csrf_token"]
    for address in ("", "/colleague", f"/{session_id}/remove"):
        path = f"/staff/sessions/{session_id}/recipients{address}"
        assert reader.post(path, data=ROBIN | {"csrf_token": token}).status_code == 403


def test_each_gets_a_mail_with_a_link_of_their_own_and_the_page_says_who(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    add_robin(coordinator, session_id)
    assert "not yet" in page_of(coordinator, session_id).text
    page = submit(coordinator, page_of(coordinator, session_id), "/roster")
    assert "The roster is on its way to Facilitator, Host, Robin." in page.text
    events = mailed(runtime)
    assert [each["recipient"]["name"] for each in events] == ["Facilitator", "Host", "Robin"]
    assert len({each["link_token"] for each in events}) == 3
    assert all(each["attached"] for each in events)
    with runtime.database.reading() as db:
        assert all(each.sent_at for each in recipients_of(db, session_id))


def test_a_session_without_recipients_says_so_instead_of_mailing(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(facilitators=[], host=None))
    page = submit(coordinator, page_of(coordinator, session_id), "/roster")
    assert "Nobody gets this session’s roster yet." in page.text
    assert "roster sent" not in page.text
    assert mailed(runtime) == []


def test_the_organisation_chooses_that_mail_has_the_link_alone(
    runtime: Runtime, reader: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_in(reader, "admin@example.org", PASSWORD)
    page = follow(reader, "/staff/organisations")
    assert page.form("/preferences/rosters").fields["roster_mail"] == "attached"
    page = submit(reader, page, "/preferences/rosters", roster_mail="link")
    assert page.form("/preferences/rosters").fields["roster_mail"] == "link"
    assert "without the list" in page_of(reader, session_id).text
    submit(reader, page_of(reader, session_id), "/roster")
    assert [each["attached"] for each in mailed(runtime)] == [False, False]


def test_each_opening_is_kept_once_for_each_form_and_minute(
    runtime: Runtime, coordinator: FlaskClient, reader: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    path, start = link(runtime, session_id), datetime.now(UTC).replace(second=1)
    with time_machine.travel(start, tick=False) as clock:
        assert reader.head(path, follow_redirects=True).status_code == 200
        assert openings(runtime, session_id) == {"Facilitator": 0, "Host": 0}
        for address in ("", "", "?format=pdf", "?format=csv", "?format=csv", "?format=odt"):
            assert reader.get(path + address, follow_redirects=True).status_code == 200
        assert openings(runtime, session_id) == {"Facilitator": 3, "Host": 0}
        clock.shift(60)
        follow(reader, path)
        assert openings(runtime, session_id) == {"Facilitator": 4, "Host": 0}
    assert "4 times, this was the last" in page_of(coordinator, session_id).text


def test_the_page_behind_the_link_has_the_people_and_no_addresses(
    runtime: Runtime, reader: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    assert "Nobody is confirmed yet." in follow(reader, link(runtime, session_id)).text
    signed_up(runtime, session_id, "Alex")
    page = follow(reader, link(runtime, session_id))
    assert "Alex" in page.text
    assert "alex@example.org" not in page.text
    assert "Note" not in page.text
    assert page.response.headers["Cache-Control"] == "no-store"
    file = reader.get(f"{link(runtime, session_id)}?format=xlsx", follow_redirects=True)
    assert file.data[:2] == b"PK"


def test_a_link_ends_fourteen_days_after_the_last_day_there(
    runtime: Runtime, reader: FlaskClient
) -> None:
    session_id = tell_of(runtime, facts())  # Its last day is 1 April 2026, in Ontario.
    path = link(runtime, session_id)
    statuses = {}
    for now in (datetime(2026, 4, 16, 3, 59, tzinfo=UTC), datetime(2026, 4, 16, 4, tzinfo=UTC)):
        with time_machine.travel(now, tick=False):
            statuses[now.hour] = follow(reader, path).response.status_code
    assert statuses == {3: 200, 4: 410}
    assert "until fourteen days after its session" in follow(reader, path).text


def test_a_forged_link_opens_nothing(runtime: Runtime, reader: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    path = link(runtime, session_id)
    links = Links(runtime.settings)
    for forged in (path[:-2] + ("A" if path[-2] != "A" else "B") + path[-1], "/roster/anything"):
        assert follow(reader, forged).response.status_code == 404
    assert follow(reader, f"/roster/{links.roster_token(session_id)}").response.status_code == 404


def test_the_link_of_a_cancelled_session_says_so(runtime: Runtime, reader: FlaskClient) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    signed_up(runtime, session_id, "Alex")
    tell_of(runtime, session | {"status": "cancelled"}, sequence=2)
    for address in ("", "?format=pdf"):
        page = follow(reader, link(runtime, session_id) + address)
        assert "This session has been cancelled." in page.text
        assert "Alex" not in page.text


def test_the_section_is_french_for_french_readers(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    page = visit(coordinator, f"/staff/sessions/{session_id}?lang=fr")
    assert "Qui reçoit la liste" in page.text
    assert "organisme hôte" in page.text
    assert "pas encore" in page.text


def test_a_long_list_of_recipients_is_told_in_short(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    crowd = [
        {"name": f"{number} {'x' * 190}", "email": f"f{number}@example.org", "language": "en"}
        for number in range(60)
    ]
    session_id = tell_of(runtime, soon(facilitators=crowd))
    page = visit(coordinator, f"/staff/sessions/{session_id}")
    said = submit(coordinator, page, "/roster").text
    assert "The roster is on its way to" in said
    assert "and 56 more" in said
