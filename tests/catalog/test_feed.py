"""The calendar as a feed, as a calendar program and a second library read it."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from services.catalog import commands
from services.chassis.service import Runtime
from tests.catalog.factories import ACTOR, NOW, a_day, a_draft, a_session
from tests.pages import submit, visit
from tests.unit.documents.calendars import hours, occurrences, parsed

FEED = "/calendar.ics?lang=en"


def titles(client: FlaskClient, address: str = FEED) -> list[str]:
    """What the feed holds, one line for each event."""
    answer = client.get(address)
    assert answer.status_code == 200
    if b"BEGIN:VEVENT" not in answer.data:
        return []
    return [each.summary.value for each in parsed(answer.data).vevent_list]


def cancel(runtime: Runtime, session_id: object) -> None:
    with runtime.database.writing() as db:
        commands.cancel_session(db, session_id, reason="Snow", actor=ACTOR, now=NOW)


def test_the_feed_holds_every_public_session_with_its_days_in_its_zone(
    runtime: Runtime, client: FlaskClient
) -> None:
    a_session(runtime, title_en="Griefs", days=[a_day("2026-03-07"), a_day("2026-03-08")])
    a_draft(runtime, title_en="Not yet")
    calendar = parsed(client.get(FEED).data)
    assert calendar.method.value == "PUBLISH"
    assert [each.summary.value for each in calendar.vevent_list] == ["Griefs", "Griefs"]
    spans = [(each.dtstart.value, each.dtend.value) for each in calendar.vevent_list]
    assert [tuple(each.astimezone(UTC) for each in span) for span in spans] == [
        hours(date(2026, 3, day), "America/Toronto", 9, 7) for day in (7, 8)
    ]


def test_a_session_is_the_same_event_in_the_feed_and_in_its_own_file(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(runtime)
    in_feed = parsed(client.get(FEED).data).vevent
    alone = parsed(client.get(f"/sessions/{session.id}.ics").data)
    assert in_feed.uid.value == alone.vevent.uid.value
    assert [tuple(each.astimezone(UTC) for each in span) for span in occurrences(alone)] == [
        hours(date(2026, 2, 20), "America/Toronto", 9, 7)
    ]


def test_a_cancelled_session_stays_and_says_so(runtime: Runtime, client: FlaskClient) -> None:
    session = a_session(runtime)
    before = client.get(FEED)
    cancel(runtime, session.id)
    event = parsed(client.get(FEED).data).vevent
    assert event.status.value == "CANCELLED"
    assert event.uid.value == parsed(before.data).vevent.uid.value
    assert int(event.sequence.value) > int(parsed(before.data).vevent.sequence.value)


def test_the_link_to_join_is_not_in_the_feed(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime, online=True, venue="", city="", province="", join_link="https://m.example/1")
    content = client.get(FEED).data
    assert b"m.example" not in content
    assert parsed(content).vevent.location.value == "Online"


def test_what_was_over_a_month_ago_is_left_out(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime, title_en="Early", days=[a_day("2026-01-20")])
    a_session(runtime, title_en="Late", days=[a_day("2027-12-20")])
    with time_machine.travel(datetime(2026, 2, 20, 12, tzinfo=UTC), tick=False):
        assert titles(client) == ["Early", "Late"]
    with time_machine.travel(datetime(2026, 2, 21, 12, tzinfo=UTC), tick=False):
        assert titles(client) == ["Late"]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("place=ON", ["Windsor"]),
        ("place=ON:Windsor", ["Windsor"]),
        ("place=QC", ["Laval"]),
        ("online=yes", ["Ailleurs"]),
        ("online=no", ["Windsor", "Laval"]),
        ("language=fr", ["Laval", "Ailleurs"]),
        ("topic=Grievances", ["Windsor"]),
        ("topic=Grievances&place=QC", []),
        ("topic=none%00such", []),
    ],
)
def test_the_feed_takes_the_filters_of_the_calendar(
    runtime: Runtime, client: FlaskClient, chosen: str, found: list[str]
) -> None:
    a_session(runtime, title_en="Windsor", topic="Grievances")
    laval = {"city": "Laval", "province": "QC", "venue": "Centre"}
    a_session(runtime, title_en="Laval", language="fr", days=[a_day("2026-02-21")], **laval)
    nowhere = {"city": "", "province": "", "venue": ""}
    both = {"language": "bilingual", "days": [a_day("2026-02-22")], "online": True}
    a_session(runtime, title_en="Ailleurs", **both, **nowhere)
    assert titles(client, f"{FEED}&{chosen}") == found


def test_the_calendar_page_offers_the_feed_with_what_was_chosen(
    runtime: Runtime, client: FlaskClient
) -> None:
    a_session(runtime, title_en="Windsor", topic="Grievances")
    a_session(runtime, title_en="Other")
    page = submit(client, visit(client, "/"), "/", topic="Grievances", place="ON:Windsor")
    assert "that match what you chose" in page.text
    (plain,) = [each for each in page.links if each.startswith("http") and ".ics" in each]
    (program,) = [each for each in page.links if each.startswith("webcal://")]
    assert program.partition(":")[2] == plain.partition(":")[2]
    assert titles(client, plain.partition("turnout.test")[2]) == ["Windsor"]


@pytest.mark.parametrize(
    ("language", "name", "title"),
    [
        ("en", "Workshop calendar: Windsor, ON, In person, French, Griefs", "Stewarding"),
        (
            "fr",
            "Calendrier des ateliers\u00a0: Windsor, ON, En personne, Français, Griefs",
            "Formation",
        ),
    ],
)
def test_the_feed_speaks_the_language_of_its_address(
    runtime: Runtime, client: FlaskClient, language: str, name: str, title: str
) -> None:
    a_session(runtime, title_fr="Formation", topic="Griefs", language="fr")
    chosen = "place=ON:Windsor&online=no&language=fr&topic=Griefs"
    other = {"en": "fr", "fr": "en"}[language]
    client.set_cookie("language", other)
    calendar = parsed(client.get(f"/calendar.ics?{chosen}&lang={language}").data)
    assert calendar.contents["name"][0].value == name
    assert calendar.contents["x-wr-calname"][0].value == name
    assert calendar.vevent.summary.value == title


def test_the_feed_says_where_it_is_and_how_often_to_ask(
    runtime: Runtime, client: FlaskClient
) -> None:
    content = client.get("/calendar.ics?topic=Griefs&lang=fr").data.replace(b"\r\n ", b"")
    lines = content.split(b"\r\n")
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert b"X-PUBLISHED-TTL:PT1H" in lines
    (source,) = [each for each in lines if each.startswith(b"SOURCE")]
    assert source.endswith(b"/calendar.ics?topic=Griefs&lang=fr")


def test_a_feed_that_has_not_changed_is_not_sent_again(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(runtime)
    first = client.get(FEED)
    assert "Last-Modified" not in first.headers  # It would hide that a session left the feed.
    assert first.cache_control.public
    assert first.cache_control.max_age == 900
    known = {"If-None-Match": first.headers["ETag"]}
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        again = client.get(FEED, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    cancel(runtime, session.id)
    assert client.get(FEED, headers=known).status_code == 200


def test_a_copy_of_the_feed_may_be_kept_for_everybody(
    runtime: Runtime, client: FlaskClient
) -> None:
    named = client.get(FEED)
    assert "Set-Cookie" not in named.headers
    assert "Vary" not in named.headers
    guessed = client.get("/calendar.ics", headers={"Accept-Language": "fr"})
    assert {each.lower() for each in guessed.vary} == {"accept-language", "cookie"}


def test_a_feed_without_sessions_is_a_calendar_still(client: FlaskClient) -> None:
    answer = client.get(FEED)
    assert answer.mimetype == "text/calendar"
    assert answer.data.startswith(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")


def test_a_thousand_events_are_served_and_the_same_the_next_time(
    runtime: Runtime, client: FlaskClient
) -> None:
    first = date(2026, 2, 16)
    model = a_session(runtime, days=[a_day(f"2026-02-{day}") for day in range(16, 26)])
    with runtime.database.writing() as db:
        for _number in range(99):
            copy = commands.duplicate_session(db, model.id, first_day=first, actor=ACTOR, now=NOW)
            commands.publish_session(db, copy.id, actor=ACTOR, now=NOW)
    first_answer, next_answer = client.get(FEED).data, client.get(FEED).data
    assert first_answer.count(b"BEGIN:VEVENT") == 1000
    assert next_answer == first_answer
