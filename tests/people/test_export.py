"""Somebody asks for their data, and gets every row of the three services that is theirs."""

import json
from typing import Any

import pytest
import sqlalchemy as sa

from infra.data_files import data_files
from services.chassis.outbox import OutboxRow
from services.notify.suppressions import ANNOUNCEMENT, suppress
from services.registration.findings import everything
from services.registration.person_models import PersonRequest
from services.registration.requests import ask_export
from services.registration.roster_recipients import add_recipient, record_opening
from services.registration.seats import lock_session
from tests.catalog.factories import a_draft
from tests.people.site import LATER, Site
from tests.people.test_erasing import EMAIL, NAME, PHONE, a_full_life, sign_up_marker
from tests.registration.factories import NOW, a_session, signed_up
from tests.retention import forget_all


def asked(site: Site, email: str = EMAIL, **how: Any) -> PersonRequest:
    with site.registration.database.writing() as db:
        return ask_export(db, site.who(email, **how), actor="Admin", now=LATER)


def found_of(site: Site, request: PersonRequest) -> dict[str, Any]:
    with site.registration.database.reading() as db:
        return everything(db, db.get_one(PersonRequest, request.id))


def test_the_export_has_every_row_of_the_person_and_of_nobody_else(site: Site) -> None:
    session_id = a_full_life(site)
    with site.notify.database.writing() as db:
        suppress(db, EMAIL, stream=ANNOUNCEMENT, reason="unsubscribed", now=NOW)
    request = asked(site)
    site.settle(LATER)
    found = found_of(site, request)
    assert session_id
    assert found["delayed"] == []
    registration, notify, catalog = (
        found["found"][name] for name in ("registration", "notify", "catalog")
    )
    [place] = registration["places"]
    assert (place["name"], place["phone"], place["state"], place["fee_cents"]) == (
        NAME, PHONE, "confirmed", 3000,
    )  # fmt: skip
    assert registration["address"][0]["announcements_since"]
    assert [each["text"] for each in registration["needs"]] == ["a ramp"]
    assert {"signed_up", "confirmed", "noted"} <= {
        each["action"] for each in registration["history"]
    }
    assert [each["words"] for each in registration["tasks"]] == [f"{EMAIL}: 550"]
    assert [each["role"] for each in registration["rosters"]] == ["added"]
    assert {each["kind"] for each in notify["mail"]} == {"confirmed", "roster", "group_message"}
    assert all(each["text"] for each in notify["mail"])
    assert [each["reason"] for each in notify["stops"]] == ["unsubscribed"]
    assert [each["role"] for each in catalog["contacts"]] == ["facilitator", "host"]
    text = json.dumps(found)
    assert "Sam Lee" not in text
    assert "Ana Roy" not in text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_no_link_that_opens_something_stands_in_the_file(site: Site) -> None:
    a_full_life(site)
    request = asked(site)
    site.settle(LATER)
    text = json.dumps(found_of(site, request), ensure_ascii=False)
    assert "/my/…" in text
    assert "/roster/…" in text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_service_that_is_away_is_named_and_its_part_follows(site: Site) -> None:
    a_full_life(site)
    request = asked(site)
    site.settle(LATER, without="notify")
    assert found_of(site, request)["delayed"] == ["notify"]
    site.settle(LATER)
    assert found_of(site, request)["delayed"] == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_much_mail_comes_in_parts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.notify.export.MAILS_IN_A_PART", 1)
    for _number in range(3):
        sign_up_marker(site, a_session(site.registration))
    site.settle(NOW)
    request = asked(site)
    site.settle(LATER)
    assert len(found_of(site, request)["found"]["notify"]["mail"]) == 3


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_of_an_unknown_address_the_answer_is_that_there_is_nothing(site: Site) -> None:
    request = asked(site, "nobody.knows@example.org")
    site.settle(LATER)
    found = found_of(site, request)
    assert found["delayed"] == []
    assert found["found"] == {"catalog": {}, "registration": {}, "notify": {}}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_of_an_address_that_two_share_each_gets_their_own(site: Site) -> None:
    office = "office@example.org"
    sign_up_marker(site, a_session(site.registration), email=office)
    signed_up(site.registration, a_session(site.registration), "Ana Roy", email=office)
    site.settle(NOW)
    request = asked(site, office, name="Ana Roy")
    site.settle(LATER)
    found = json.dumps(found_of(site, request))
    assert "Ana Roy" in found
    assert "Quillmarker" not in found


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_reader_of_rosters_learns_when_they_opened_them(site: Site) -> None:
    session_id = a_session(site.registration)
    contact = {"name": NAME, "email": EMAIL, "language": "fr"}
    with site.registration.database.writing() as db:
        row = add_recipient(db, lock_session(db, session_id), contact, actor="Jo", now=NOW)
        db.flush()
        record_opening(db, row.id, "pdf", NOW)
    request = asked(site)
    site.settle(LATER)
    [roster] = found_of(site, request)["found"]["registration"]["rosters"]
    assert roster["opened"] == [f"{NOW.isoformat()} pdf"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_page_is_whole_in_both_languages(site: Site) -> None:
    a_full_life(site)
    a_draft(site.catalog, title_en="Law", title_fr="Droit", facilitators=[])
    request = asked(site)
    site.settle(LATER)
    files = dict(data_files(site.registration, request.id))
    assert json.loads(files["person.json"])["found"]
    assert "What happened to your places" in files["person.en.html"]
    assert "Ce qui est arrivé à vos places" in files["person.fr.html"]
    for language in ("en", "fr"):
        assert "a ramp" in files[f"person.{language}.html"]
        assert "_at" not in files[f"person.{language}.html"]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_what_was_put_together_is_kept_for_a_week(site: Site) -> None:
    a_full_life(site)
    request = asked(site)
    site.settle(LATER)
    for runtime in site.runtimes().values():
        forget_all(runtime, LATER.replace(day=LATER.day + 2))
    with site.notify.database.reading() as db:
        told = db.scalars(sa.select(OutboxRow).where(OutboxRow.type.startswith("person."))).all()
    assert [each.envelope for each in told] == [None]
    forget_all(site.registration, LATER.replace(day=LATER.day + 8))
    with site.registration.database.reading() as db:
        assert db.get(PersonRequest, request.id) is None
