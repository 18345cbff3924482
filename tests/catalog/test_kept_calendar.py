"""The calendar's page is kept for everybody, and never shown when it is no longer true."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.catalog import commands
from services.catalog.kept_pages import MOST, Answer, KeptPages
from services.catalog.models import SeatCount, Venue
from services.chassis.neighbours import hear
from services.chassis.pausing import pause, resume
from services.chassis.service import Runtime
from services.chassis.web import create_app
from tests.catalog.conftest import as_staff
from tests.catalog.factories import ACTOR, NOW, a_draft, a_session, seats_event
from tests.pages import visit
from tests.statements import counted

MONTH = "/?month=2026-02"


def test_a_page_that_is_kept_is_the_same_page(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime)
    first = client.get(MONTH)
    with counted(runtime) as statements:
        again = client.get(MONTH)
    assert (again.data, [*again.headers]) == (first.data, [*first.headers])
    assert len(statements) == 1


def test_another_web_process_shows_what_was_published_meanwhile(runtime: Runtime) -> None:
    processes = [create_app(runtime).test_client() for _ in range(2)]
    for each in processes:
        assert "Stewarding" not in visit(each, MONTH).text
    a_session(runtime)
    for each in processes:
        assert "Stewarding" in visit(each, MONTH).text


def test_each_change_of_what_it_shows_is_seen_at_once(
    runtime: Runtime, client: FlaskClient
) -> None:
    session = a_session(runtime)
    assert "20 seats left" in visit(client, MONTH).text
    runtime.inbox.receive(seats_event(session.id, held=3), NOW)
    assert "17 seats left" in visit(client, MONTH).text
    with runtime.database.writing() as db:
        words = {"title_en": "Bargaining"}
        commands.edit_workshop(db, session.workshop_id, words, actor=ACTOR, now=NOW)
    assert "Bargaining" in visit(client, MONTH).text
    with runtime.database.writing() as db:
        db.scalars(sa.select(Venue)).one().city = "Leamington"
    assert "Leamington" in visit(client, MONTH).text
    with runtime.database.writing() as db, db.begin_nested():
        db.delete(db.get_one(SeatCount, session.id))
    assert "20 seats left" in visit(client, MONTH).text
    with runtime.database.writing() as db:
        commands.cancel_session(db, session.id, actor=ACTOR, reason="Illness", now=NOW)
    assert "Cancelled" in visit(client, MONTH).text


def test_what_is_undone_leaves_the_page_kept(runtime: Runtime, client: FlaskClient) -> None:
    client.get(MONTH)
    with pytest.raises(ZeroDivisionError), runtime.database.writing() as db:
        db.add(Venue(name="Nowhere"))
        db.flush()
        raise ZeroDivisionError
    with counted(runtime) as statements:
        client.get(MONTH)
    assert len(statements) == 1


def test_sign_up_closes_on_the_page_in_the_minute_in_which_it_closes(
    runtime: Runtime, client: FlaskClient
) -> None:
    a_session(runtime, closes_at=NOW + timedelta(minutes=5))
    assert "20 seats left" in visit(client, MONTH).text
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert "20 seats left" not in visit(client, MONTH).text


def test_a_silent_registration_is_told_of_on_a_kept_page(
    runtime: Runtime, client: FlaskClient
) -> None:
    with runtime.database.writing() as db:
        hear(db, "registration", sent_at=NOW, is_late=False)
    with time_machine.travel(NOW + timedelta(seconds=89), tick=False):
        assert "newer ones have not arrived" not in visit(client, MONTH).text
    with time_machine.travel(NOW + timedelta(seconds=91), tick=False):
        assert "newer ones have not arrived" in visit(client, MONTH).text


def test_each_language_has_its_page_and_its_cookie(runtime: Runtime, client: FlaskClient) -> None:
    a_session(runtime)
    english = visit(client, MONTH)
    asked = client.get(f"{MONTH}&lang=fr")
    french = visit(client, MONTH)  # By the cookie.
    assert (english.language, french.language) == ("en", "fr")
    client.delete_cookie("language")
    again = client.get(f"{MONTH}&lang=fr")
    assert asked.headers["Set-Cookie"] == again.headers["Set-Cookie"]
    assert again.headers["Set-Cookie"].startswith("language=fr;")


def test_nobody_gets_the_page_of_a_staff_member(runtime: Runtime) -> None:
    app = create_app(runtime)
    a_draft(runtime)
    for _ in range(2):
        assert "Coordinator" in visit(as_staff(app.test_client(), "coordinator"), MONTH).text
        assert "Coordinator" not in visit(app.test_client(), MONTH).text


def test_the_page_after_the_language_switch_is_kept_with_its_cookie(
    runtime: Runtime, client: FlaskClient
) -> None:
    asked = client.get(f"{MONTH}&lang=fr")
    client.delete_cookie("language")
    with counted(runtime) as statements:
        again = client.get(f"{MONTH}&lang=fr")
    assert (again.data, [*again.headers]) == (asked.data, [*asked.headers])
    assert len(statements) == 1


def test_a_kept_page_is_not_shown_while_the_calendar_rests(
    runtime: Runtime, client: FlaskClient
) -> None:
    name = runtime.service.name
    assert client.get(MONTH).status_code == 200
    pause(runtime.settings, name)
    assert client.get(MONTH).status_code == 503
    resume(runtime.settings, name)
    assert client.get(MONTH).status_code == 200


def test_a_kept_page_is_not_shown_under_a_name_that_is_not_the_sites(client: FlaskClient) -> None:
    assert client.get(MONTH).status_code == 200
    assert client.get(MONTH, headers={"Host": "evil.example"}).status_code == 400
    assert client.get(MONTH).status_code == 200


def test_only_what_is_for_everybody_is_kept() -> None:
    kept = KeptPages()
    made: list[Answer] = []
    answers = [
        Answer("503 SERVICE UNAVAILABLE", [], b""),
        Answer("200 OK", [("Set-Cookie", "turnout=somebody; HttpOnly")], b""),
        Answer("200 OK", [], b"for everybody"),
    ]

    def make() -> Answer:
        made.append(answers[len(made)])
        return made[-1]

    assert [kept.answer("/", "state", make) for _ in range(4)] == [*answers, answers[-1]]


def test_pages_are_kept_in_bounds() -> None:
    made: list[int] = []
    kept = KeptPages()

    def ask(key: int, state: str = "state") -> None:
        kept.answer(key, state, lambda: made.append(key) or Answer("200 OK", [], b""))  # type: ignore[func-returns-value]

    for key in range(MOST + 1):
        ask(key)
    assert made == [*range(MOST + 1)]
    ask(MOST)
    assert len(made) == MOST + 1
    ask(0)
    ask(MOST, "another state")
    assert made[MOST + 1 :] == [0, MOST]
