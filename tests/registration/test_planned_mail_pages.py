"""What will be sent when, as staff see it on the session's page, switch it and move it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.places import give_up
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.factories import a_session, signed_up, soon, tell_of, told
from tests.registration.test_planned_mail import (
    REMINDER,
    TORONTO,
    at,
    moments_of,
    moved_to,
    plan_of,
    run,
)


def section(client: FlaskClient, session_id: UUID) -> Page:
    return visit(client, f"/staff/sessions/{session_id}")


def test_staff_see_what_will_be_sent_when_in_the_zone_of_the_session(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon(zone="America/Vancouver", capacity=3))
    signed_up(runtime, session_id, "Alex", now=datetime.now(UTC))
    shown = section(coordinator, session_id).text
    assert "What will be sent when" in shown
    assert "Roster the day before, only if it has changed" in shown
    assert "at 9:00 (Pacific Time)" in shown
    assert "(1 now)" in shown


def test_a_mail_that_is_switched_off_stays_unsent_until_it_is_switched_on(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    answer = signed_up(runtime, session_id, "Alex", now=datetime.now(UTC))
    page = submit(coordinator, section(coordinator, session_id), "/planned/reminder/switch")
    assert "This mail is switched off." in page.text
    assert "reminder switched off" in page.text
    then = plan_of(runtime, session_id)["reminder"].due_at + timedelta(hours=1)
    run(runtime, then)
    assert REMINDER not in told(runtime, answer)
    page = submit(coordinator, page, "/planned/reminder/switch")
    assert "This mail is switched on." in page.text
    run(runtime, then)
    assert told(runtime, answer).count(REMINDER) == 1
    page = submit(coordinator, page, "/planned/reminder/switch")
    assert "This mail has been dealt with already." in page.text
    assert "1 member" in page.text


def test_staff_move_a_mail_and_it_stays_there_when_the_session_changes(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    first = session["days"][0]["date"]
    day = first - timedelta(days=10)
    page = submit(
        coordinator,
        section(coordinator, session_id),
        "/planned/three_days",
        day=day.isoformat(),
        hour="14:30",
    )
    assert "The time of this mail is changed." in page.text
    assert "time set by Coordinator" in page.text
    assert f"→ {day} 14:30" in page.text
    chosen = datetime(day.year, day.month, day.day, 14, 30, tzinfo=TORONTO)
    later = moved_to(session, first + timedelta(days=7))
    tell_of(runtime, later, sequence=2, now=datetime.now(UTC))
    assert plan_of(runtime, session_id)["three_days"].due_at == chosen
    sooner = moved_to(session, first - timedelta(days=12))
    tell_of(runtime, sooner, sequence=3, now=datetime.now(UTC))
    assert plan_of(runtime, session_id)["three_days"].due_at < chosen - timedelta(days=1)


@pytest.mark.parametrize(
    ("days", "hour", "words"),
    [
        (-40, "12:00", "This moment has passed"),
        (1, "12:00", "The session will have begun by then"),
        (-5, "21:00", "Members get no mail at night"),
        (-5, "25:00", "This is not a time of day"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_and_what_was_typed_stays(
    runtime: Runtime, coordinator: FlaskClient, days: int, hour: str, words: str
) -> None:
    session = soon()
    session_id = tell_of(runtime, session)
    before = moments_of(runtime, session_id)
    day = session["days"][0]["date"] + timedelta(days=days)
    page = submit(
        coordinator,
        section(coordinator, session_id),
        "/planned/reminder",
        day=day.isoformat(),
        hour=hour,
    )
    assert page.response.status_code in (409, 422)
    assert words in page.text
    assert page.form("/planned/reminder").fields["day"] == day.isoformat()
    assert page.form("/planned/reminder").fields["hour"] == hour
    assert moments_of(runtime, session_id) == before


def test_facilitators_see_the_plan_and_cannot_change_it(
    runtime: Runtime, client: FlaskClient
) -> None:
    session_id = tell_of(runtime, soon())
    sign_in(client, "facilitator@example.org", PASSWORD)
    assert "What will be sent when" in section(client, session_id).text
    path = f"/staff/sessions/{session_id}/planned"
    assert "What will be sent when" in visit(client, path).text
    token = section(client, session_id).form("/roster").fields["csrf_token"]
    for refused in (f"{path}/reminder", f"{path}/reminder/switch"):
        assert client.post(refused, data={"csrf_token": token}).status_code == 403


def test_offers_that_are_out_show_their_reminder_and_their_end(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    with time_machine.travel(at("2026-03-03T10:00"), tick=False):
        session_id = a_session(runtime, capacity=1)
        first, _second = (signed_up(runtime, session_id, name) for name in ("First", "Second"))
        with runtime.database.writing() as db:
            give_up(db, first.registration.id, now=at("2026-03-03T10:00"))
        sign_in(coordinator, "coordinator@example.org", PASSWORD)
        shown = section(coordinator, session_id).text
    assert "Offers that are out" in shown
    assert "Wednesday 4 March 2026 at 10:00 Thursday 5 March 2026 at 10:00" in shown


def test_the_plan_can_be_read_in_french(runtime: Runtime, coordinator: FlaskClient) -> None:
    session_id = tell_of(runtime, soon())
    shown = visit(coordinator, f"/staff/sessions/{session_id}?lang=fr").text
    assert "Ce qui sera envoyé, et quand" in shown
    assert "What will be sent" not in shown


@pytest.mark.parametrize("occasion", ["%00", "offer", "reminder%20"])
def test_a_mail_that_nobody_plans_is_not_found(
    runtime: Runtime, coordinator: FlaskClient, occasion: str
) -> None:
    path = f"/staff/sessions/{tell_of(runtime, soon())}/planned"
    token = visit(coordinator, path).form("/switch").fields["csrf_token"]
    for each in (f"{path}/{occasion}", f"{path}/{occasion}/switch"):
        answer = coordinator.post(each, data={"csrf_token": token, "is_on": "no"})
        assert answer.status_code == 404


def test_the_last_evening_of_the_calendar_is_refused_like_any_other(
    runtime: Runtime, coordinator: FlaskClient
) -> None:
    page = section(coordinator, tell_of(runtime, soon()))
    page = submit(coordinator, page, "/planned/day_before", day="9999-12-31", hour="23:30")
    assert page.response.status_code == 409
    assert "The session will have begun by then" in page.text
