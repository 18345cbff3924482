"""Sign-ins: how long they last, what ends them, and that a stolen cookie is dead afterwards."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

import services.catalog.app
import services.notify.app
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.chassis.sign_ins import EndedSignIn
from services.chassis.web import create_app
from services.registration.browser_names import browser_name
from services.registration.sign_in_models import StaffSignIn
from tests.databases import ON_BOTH, StartService
from tests.pages import sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import (
    ACCOUNT,
    ADMIN,
    COORDINATOR,
    is_in,
    signed_in,
)
from tests.retention import forget_all

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
DESKS = {"registration": "/staff/", "catalog": "/staff/workshops", "notify": "/staff/mail"}
NEW_PASSWORD = "seven green kettles sing"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desks(runtime: Runtime, start_service: StartService) -> dict[str, Runtime]:
    """The three services, each of which has heard of the staff."""
    others = (services.catalog.app.SERVICE, services.notify.app.SERVICE)
    return {"registration": runtime} | {each.name: start_service(each) for each in others}


def tell_all(desks: dict[str, Runtime]) -> None:
    """Bring what registration has said to the others, as relay and workers do."""
    with desks["registration"].database.reading() as db:
        rows = db.scalars(sa.select(OutboxRow).order_by(OutboxRow.event_id)).all()
    for row in rows:
        desks[row.subscriber].inbox.receive(row.envelope, datetime.now(UTC))


def copies(desks: dict[str, Runtime], of: FlaskClient) -> dict[str, FlaskClient]:
    """Browsers of a thief, each with the cookie as it is now."""
    cookie = of.get_cookie("turnout")
    assert cookie is not None
    found = {}
    for name, runtime in desks.items():
        found[name] = create_app(runtime).test_client()
        found[name].set_cookie("turnout", cookie.value)
    return found


def opened(thieves: dict[str, FlaskClient]) -> list[str]:
    return [name for name, each in thieves.items() if each.get(DESKS[name]).status_code == 200]


def sign_out(client: FlaskClient) -> None:
    submit(client, visit(client, "/staff/"), "/sign-out")


def end_everywhere(client: FlaskClient) -> None:
    submit(client, visit(client, ACCOUNT), "/sign-ins/end")


def change_password(client: FlaskClient) -> None:
    typed = {"password": PASSWORD, "new_password": NEW_PASSWORD, "repeated": NEW_PASSWORD}
    submit(client, visit(client, ACCOUNT), "/password", **typed)


@ON_BOTH
@pytest.mark.parametrize("ending", [sign_out, end_everywhere, change_password])
def test_a_cookie_stolen_before_the_end_is_dead_after_it_in_all_three_services(
    desks: dict[str, Runtime], clock: time_machine.Traveller, ending: Callable[[FlaskClient], None]
) -> None:
    owner = signed_in(desks["registration"])
    tell_all(desks)
    thieves = copies(desks, owner)
    assert opened(thieves) == list(DESKS)
    ending(owner)
    tell_all(desks)
    assert opened(thieves) == []


def test_who_changes_the_password_stays_signed_in_with_another_cookie(
    desks: dict[str, Runtime], clock: time_machine.Traveller
) -> None:
    owner = signed_in(desks["registration"])
    tell_all(desks)
    change_password(owner)
    assert opened(copies(desks, owner)) == list(DESKS)  # The others have not even heard of it.
    tell_all(desks)
    assert opened(copies(desks, owner)) == list(DESKS)
    sign_out(owner)
    assert "do not belong together" in sign_in(owner, COORDINATOR, PASSWORD).text
    sign_in(owner, COORDINATOR, NEW_PASSWORD)
    assert is_in(owner)


def test_a_sign_in_left_alone_for_half_an_hour_is_over_in_all_three_services(
    desks: dict[str, Runtime], clock: time_machine.Traveller
) -> None:
    owner = signed_in(desks["registration"])
    tell_all(desks)
    clock.shift(timedelta(minutes=29))
    assert opened(copies(desks, owner)) == list(DESKS)
    clock.shift(timedelta(minutes=1))
    assert opened(copies(desks, owner)) == []


def test_a_sign_in_that_is_used_lasts_twelve_hours_and_no_longer(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    owner = signed_in(runtime)
    for _ in range(35):
        clock.shift(timedelta(minutes=20))
        assert is_in(owner)
    clock.shift(timedelta(minutes=19))
    assert is_in(owner)
    clock.shift(timedelta(minutes=1))
    assert not is_in(owner)


def test_signing_in_gives_a_new_session_and_keeps_nothing_of_the_old(
    runtime: Runtime, client: FlaskClient
) -> None:
    with client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    sign_in(client, COORDINATOR, PASSWORD)
    with client.session_transaction() as kept:
        first = kept["staff"]["id"]
        assert "planted" not in kept
    sign_in(client, COORDINATOR, PASSWORD)
    with client.session_transaction() as kept:
        assert kept["staff"]["id"] != first
    with runtime.database.reading() as db:
        assert len(db.scalars(sa.select(StaffSignIn)).all()) == 1  # The first one has ended.


@ON_BOTH
def test_the_list_says_where_since_when_and_when_last_and_one_can_be_ended(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    away = signed_in(runtime, agent=FIREFOX)
    clock.shift(timedelta(minutes=5))
    assert is_in(away)
    here = signed_in(runtime)
    page = visit(here, ACCOUNT)
    assert "Firefox, Linux Monday 2 March 2026 at 10:00" in page.text
    assert "10:05" in page.text
    (row,) = [each for each in page.forms if re.search("/sign-ins/.+/end$", each.action)]
    page = submit(here, page, row.action)
    assert "That sign-in has ended." in page.text
    assert "Firefox" not in page.text
    assert (is_in(away), is_in(here)) == (False, True)


def test_nobody_ends_or_sees_a_sign_in_of_somebody_else(runtime: Runtime) -> None:
    signed_in(runtime, ADMIN, agent=FIREFOX)
    with runtime.database.reading() as db:
        theirs = db.scalars(sa.select(StaffSignIn.id)).one()
    here = signed_in(runtime)
    page = visit(here, ACCOUNT)
    assert "Firefox" not in page.text
    token = page.form("/sign-ins/end").fields
    assert here.post(f"{ACCOUNT}/sign-ins/{theirs}/end", data=token).status_code == 404


@ON_BOTH
def test_what_was_ended_is_forgotten_when_no_cookie_of_it_could_count(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    for _ in range(2):
        sign_out(signed_in(runtime))
    signed_in(runtime)
    clock.shift(timedelta(hours=37))
    forget_all(runtime, datetime.now(UTC))
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(EndedSignIn)) == 0
        assert db.scalar(sa.select(sa.func.count()).select_from(StaffSignIn)) == 0


def test_a_closed_account_is_out_at_once(runtime: Runtime) -> None:
    owner = signed_in(runtime)
    with runtime.database.writing() as db:
        db.execute(sa.text("UPDATE staff_member SET active = false"))
    assert not is_in(owner)


@pytest.mark.parametrize("kept", [["x", 0, 1.0], "x", None])
def test_a_cookie_from_before_the_upgrade_asks_to_sign_in(
    runtime: Runtime, client: FlaskClient, kept: object
) -> None:
    with client.session_transaction() as session:
        session["staff"] = kept
    assert client.get("/staff/").location.startswith("/staff/sign-in")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Chrome/129.0 Safari/537.36 Edg/129.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1 "
            "(KHTML, like Gecko) Version/17.6 Mobile/15E148 Safari/604.1",
            "Safari, iPhone",
        ),
        ("curl/8.5", ""),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, name: str) -> None:
    assert browser_name(agent) == name
