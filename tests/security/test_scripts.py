"""What staff and members write is text on every page and in every mail, whatever it looks like."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.catalog.app import SERVICE as CATALOG
from services.catalog.markdown import rendered
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.contracts.registrations import REGISTRATION_CONFIRMED
from services.registration.accounts import add_staff
from services.registration.app import SERVICE as REGISTRATION
from services.registration.roster_recipients import recipients_of
from tests.catalog.factories import a_session
from tests.databases import StartService
from tests.hostile.corpora.scripts import SCRIPTS
from tests.notify.factories import a_session as a_session_in_mail
from tests.notify.factories import about, group_message
from tests.notify.letter_reading import compose_mail
from tests.pages import follow, sign_in
from tests.registration.factories import signed_up, soon, tell_of
from tests.security.page_reading import Dangers

OF_THE_LAYOUT = ("<style>",)
STORABLE = [each for each in SCRIPTS if "\0" not in each]
LONGEST = 190
"""The shortest field that all of them go through has room for so many characters."""


def batches() -> Iterator[str]:
    """Several at once, one behind the other, so that all go through every field."""
    batch = ""
    for each in STORABLE:
        if len(batch) + len(each) > LONGEST:
            yield batch
            batch = ""
        batch = f"{batch} {each}".strip()
    yield batch


def both(text: str) -> dict[str, str]:
    return {"en": text, "fr": text}


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(SCRIPTS)) >= 200


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_description_has_only_the_few_tags_that_it_may_have(text: str) -> None:
    for written in (text, f"before {text}\n\n{text} after", f"- {text}", f"[{text}]({text})"):
        html = str(rendered(written))
        assert Dangers(html).found == []
        assert "<img" not in html
        assert "http:" not in html.replace("https:", "") or 'href="http:' not in html


@pytest.mark.parametrize("address", ["//example.org", "http://example.org", "data:,x", "/\\x"])
def test_a_link_in_a_description_has_a_whole_address_that_runs_nothing(address: str) -> None:
    for written in (f"[a]({address})", f"[a]: {address}\n\n[a]", f"<{address}>"):
        assert "href" not in str(rendered(written))
    assert 'href="https://example.org"' in str(rendered("[a](https://example.org)"))
    assert 'href="mailto:a@example.org"' in str(rendered("<mailto:a@example.org>"))


def test_the_calendars_pages_show_it_as_text(start_service: StartService) -> None:
    runtime = start_service(CATALOG)
    reader = create_app(runtime).test_client()
    for text in batches():
        contact = {"name": text, "email": "a@example.org", "language": "en"}
        words = ("description_en", "bring_en", "prerequisites_en", "topic", "series", "title_fr")
        session = a_session(
            runtime,
            title_en=text,
            **dict.fromkeys(words, text),
            **dict.fromkeys(("venue", "city", "room", "area", "notes"), text),
            facilitators=[contact],
            host=contact,
        )
        pages = [f"/sessions/{session.id}", f"/workshops/{session.workshop_id}"]
        show_no_danger(reader, pages)
    show_no_danger(reader, ["/?month=2026-02", "/?month=2026-02&lang=fr", "/calendar.ics"])


def test_registrations_pages_show_it_as_text(start_service: StartService) -> None:
    runtime = start_service(REGISTRATION)
    staff, now = a_coordinator(runtime), datetime.now(UTC)
    reader = create_app(runtime).test_client()
    for number, text in enumerate(batches()):
        contact = {"name": text, "email": "a@example.org", "language": "en"}
        said = {"title": both(text), "bring": both(text), "prerequisites": both(text)}
        session_id = tell_of(
            runtime, soon(place=text, room=text, facilitators=[contact], host=contact, **said)
        )
        entry = {"email": f"a{number}@example.org", "organisation_name": text, "role": text}
        answer = signed_up(runtime, session_id, text, needs=text, now=now, **entry)
        with runtime.database.reading() as db:
            token = Links(runtime.settings).roster_token(recipients_of(db, session_id)[0].id)
        own = Links(runtime.settings).manage(answer.registration.id, 1)
        links = [own.removeprefix(runtime.settings.base_url), f"/roster/{token}"]
        show_no_danger(reader, [f"/sign-up/{session_id}", *links])
        pages = [f"/staff/sessions/{session_id}", f"/staff/registrations/{answer.registration.id}"]
        show_no_danger(staff, pages)
    show_no_danger(staff, ["/staff/", "/staff/tasks"])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_mail_shows_it_as_text(language: str) -> None:
    for text in batches():
        said: dict[str, Any] = {"title": both(text), "bring": both(text), "room": text}
        session = a_session_in_mail(place=text, **said)
        to = {"name": text, "email": "a@example.org", "language": language}
        told = about(recipient=to, session=session)
        letters = [
            compose_mail((REGISTRATION_CONFIRMED, told), "confirmed"),
            compose_mail(
                group_message(recipient=to, subject=both(text), body=both(text), organisation=text),
                "group_message",
            ),
        ]
        for letter in letters:
            found = [each for each in Dangers(letter.html).found if " style=" not in each]
            assert [each for each in found if each not in OF_THE_LAYOUT] == []


def a_coordinator(runtime: Runtime) -> FlaskClient:
    now = datetime.now(UTC)
    address, password = "coordinator@example.org", "a long enough password"
    with runtime.database.writing() as db:
        add_staff(db, name="C", email=address, role="coordinator", password=password, now=now)
    client = create_app(runtime).test_client()
    sign_in(client, address, password)
    return client


def show_no_danger(client: FlaskClient, paths: list[str]) -> None:
    for path in paths:
        page = follow(client, path)
        assert page.response.status_code == 200, path
        if page.response.mimetype == "text/html":
            assert Dangers(page.response.text).found == [], path
