"""What everybody sees: the calendar, a session, a workshop, a calendar file."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from services.catalog import commands
from services.chassis.ids import new_id
from services.chassis.service import Runtime
from tests.catalog.factories import ACTOR, NOW, a_day, a_draft, a_session, seats_event
from tests.pages import submit, visit

HOSTILE = "<script>alert(1)</script><b>bold</b> ﷽ 👩🏽‍🏭 שלום"


def test_the_calendar_goes_to_the_next_month_that_has_something(
    runtime: Runtime, client: FlaskClient
) -> None:
    a_session(runtime)
    page = visit(client, "/")
    assert "February 2026" in page.text
    assert "Nothing is planned in January 2026" in page.text
    assert "Stewarding" in page.text
    assert "20 seats left" in page.text
    assert "$25 for affiliated locals, $30 for others" in page.text


def test_an_empty_catalogue_says_so(client: FlaskClient) -> None:
    page = visit(client, "/")
    assert page.response.status_code == 200
    assert "No workshop is planned this month." in page.text


def test_an_empty_month_leads_to_the_next_one(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime)
    page = visit(client, "/?month=2026-01")
    assert "Go to February 2026" in page.text
    assert "/?month=2026-02" in page.links


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12", "2026-02-30", "\x00"])
def test_a_month_that_is_none_does_not_break_the_calendar(client: FlaskClient, month: str) -> None:
    assert client.get("/", query_string={"month": month}).status_code == 200


def test_drafts_are_not_public(runtime: Runtime, client: FlaskClient) -> None:
    draft = a_draft(runtime)
    assert "Stewarding" not in visit(client, "/?month=2026-02").text
    for path in (f"/sessions/{draft.id}", f"/sessions/{draft.id}.ics"):
        assert client.get(path).status_code == 404
    assert client.get(f"/workshops/{draft.workshop_id}").status_code == 404


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, {"Stewarding", "Négociation"}),
        ({"online": "yes"}, {"Négociation"}),
        ({"online": "no"}, {"Stewarding"}),
        ({"language": "fr"}, {"Négociation"}),
        ({"place": "ON"}, {"Stewarding"}),
        ({"place": "ON:Windsor"}, {"Stewarding"}),
        ({"place": "QC"}, set()),
        ({"topic": "Bargaining"}, {"Négociation"}),
        ({"topic": "' OR 1=1"}, set()),
    ],
)
def test_filters_find_what_they_name(
    runtime: Runtime, client: FlaskClient, filters: dict[str, str], found: set[str]
) -> None:
    a_session(runtime)
    elsewhere: dict[str, Any] = {"online": True, "venue": "", "city": "", "province": ""}
    french = {"title_en": "", "title_fr": "Négociation", "language": "fr", "topic": "Bargaining"}
    a_session(runtime, **elsewhere, **french)
    page = visit(client, "/?month=2026-02")
    form = page.form("/")
    shown = visit(
        client, "/?" + "&".join(f"{k}={v}" for k, v in {**form.fields, **filters}.items())
    )
    assert {title for title in ("Stewarding", "Négociation") if title in shown.text} == found


def test_the_calendar_speaks_french(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime, title_fr="Initiation au rôle")
    page = visit(client, "/?lang=fr")
    assert page.language.startswith("fr")
    assert "Février 2026" in page.text
    assert "Initiation au rôle" in page.text
    assert "dimanche" in page.text


def test_what_is_not_translated_is_marked(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime, description_en="All about *grievances*.")
    html = client.get(f"/sessions/{session.id}?lang=fr").text
    assert '<span lang="en">Stewarding</span>' in html
    assert '<div lang="en"><p>All about <em>grievances</em>.</p>' in html


def test_a_session_page_says_all_that_a_member_needs(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(
        runtime,
        bring_en="Your agreement.",
        prerequisites_en="Stewarding, part 1",
        hours=6,
        room="Room 4",
        join_link="https://meet.example.org/secret",
    )
    page = visit(client, f"/sessions/{session.id}")
    for words in (
        "Friday 20 February 2026, 9:00 to 16:00",
        "Windsor Area Office, Windsor, ON",
        "20 seats left",
        "Your agreement.",
        "Stewarding, part 1",
        "6 hours",
        "Friday 20 February 2026 at 9:00",
    ):
        assert words in page.text
    assert f"/sign-up/{session.id}" in page.links
    for secret in ("meet.example.org", "ana@example.org", "jo@example.org"):
        assert secret not in page.response.text


def test_full_cancelled_and_closed_sessions_say_so(runtime: Runtime, client: FlaskClient) -> None:
    full, cancelled = a_session(runtime), a_session(runtime)
    closed = a_session(runtime, closes_at=NOW)
    runtime.inbox.receive(seats_event(full.id, held=20, waiting=2), NOW)
    with runtime.database.writing() as db:
        commands.cancel_session(db, cancelled.id, reason="Snow", actor=ACTOR, now=NOW)
    page = visit(client, f"/sessions/{full.id}")
    assert "Waitlist open" in page.text
    assert "Join the waiting list" in page.text
    page = visit(client, f"/sessions/{cancelled.id}")
    assert "This session has been cancelled" in page.text
    assert "Snow" in page.text
    assert f"/sign-up/{cancelled.id}" not in page.links
    page = visit(client, f"/sessions/{closed.id}")
    assert "Sign-up for this session has closed." in page.text
    assert f"/sign-up/{closed.id}" not in page.links


def test_a_free_seat_is_not_shown_while_somebody_waits_for_it(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(runtime)
    runtime.inbox.receive(seats_event(session.id, held=19, waiting=1), NOW)
    assert "Waitlist open" in visit(client, f"/sessions/{session.id}").text


def test_another_time_zone_is_named(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime, zone="America/Moncton", province="NB", city="Moncton")
    assert "Times are in Atlantic Time." in visit(client, f"/sessions/{session.id}").text


def test_a_workshop_lists_its_dates(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime)
    page = visit(client, f"/workshops/{session.workshop_id}")
    assert "Friday 20 February 2026" in page.text
    assert f"/sessions/{session.id}" in page.links


def test_the_calendar_file_is_one_and_says_nothing_secret(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(runtime, join_link="https://meet.example.org/secret")
    answer = client.get(f"/sessions/{session.id}.ics")
    assert answer.mimetype == "text/calendar"
    assert b"meet.example.org" not in answer.data
    calendar = Calendar.from_ical(answer.data)
    [event] = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "PUBLISH"
    assert event["SUMMARY"] == "Stewarding"
    assert event.start.isoformat() == "2026-02-20T09:00:00-05:00"


@pytest.mark.parametrize("path", ["/sessions/", "/workshops/"])
def test_what_is_not_there_is_a_page_that_says_so(client: FlaskClient, path: str) -> None:
    page = visit(client, f"{path}{new_id()}")
    assert page.response.status_code == 404
    assert "We could not find that page" in page.text
    assert client.get(f"{path}not-an-id").status_code == 404


def test_html_stays_text_everywhere(runtime: Runtime, client: FlaskClient) -> None:
    texts = dict.fromkeys(("description_en", "bring_en", "prerequisites_en"), HOSTILE)
    session = a_session(
        runtime,
        title_en=HOSTILE,
        venue=HOSTILE,
        city=HOSTILE,
        topic=HOSTILE,
        series=HOSTILE,
        days=[a_day(), a_day("2026-02-21")],
        **texts,
    )
    for path in ("/?month=2026-02", f"/sessions/{session.id}", f"/workshops/{session.workshop_id}"):
        html = client.get(path).text
        assert "<script>alert" not in html
        assert "<b>bold" not in html
        assert "&lt;script&gt;" in html


def test_links_in_a_description_cannot_run_anything(runtime: Runtime, client: FlaskClient) -> None:
    text = "[a](javascript:alert(1)) [b](https://example.org) ![c](https://example.org/x.png)\n# H"
    session = a_session(runtime, description_en=text)
    html = client.get(f"/sessions/{session.id}").text
    assert 'href="javascript:' not in html
    assert 'href="https://example.org"' in html
    assert "<img src=" not in html.partition("detail-main")[2]
    assert "<h2>H</h2>" in html


def test_a_filter_form_keeps_the_month(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime)
    page = visit(client, "/?month=2026-02")
    shown = submit(client, page, "/", online="no")
    assert "February 2026" in shown.text
    assert "Stewarding" in shown.text
