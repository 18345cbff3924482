"""Guessing at passwords: slowed more and more, whoever is asked for, and nobody locked out."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.passwords import check_password
from services.registration.sign_in_delay import (
    FORGOTTEN_AFTER,
    LONGEST_PAUSE,
    begin_try,
    counter_of_account,
    counter_of_network,
)
from services.registration.sign_in_models import SignInDelay
from tests.databases import settings_for
from tests.pages import Page, sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import COORDINATOR, a_browser, is_in
from tests.retention import forget_all

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
NOBODY = "nobody@example.org"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def guess(client: FlaskClient, email: str = COORDINATOR, number: int = 0) -> Page:
    return sign_in(client, email, f"a wrong password, number {number}")


def told(page: Page) -> timedelta:
    """How long the page says to wait."""
    found = re.search(r"Please wait (\d+) (second|minute)s, then try again", page.text)
    assert found is not None
    return timedelta(**{f"{found[2]}s": int(found[1])})


def guess_from(runtime: Runtime, address: str, email: str) -> int:
    client = a_browser(runtime)
    client.environ_base["REMOTE_ADDR"] = address
    return guess(client, email).response.status_code


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_hundred_wrong_tries_take_a_day_and_the_right_password_still_works(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client = a_browser(runtime)
    for number in range(100):
        page = guess(client, number=number)
        if page.response.status_code == 429:
            clock.shift(told(page))
            client = a_browser(runtime)  # The web process was started anew meanwhile.
            page = guess(client, number=number)
        assert page.response.status_code == 422
    assert datetime.now(UTC) - START > timedelta(hours=20)
    refused = sign_in(client, COORDINATOR, PASSWORD)
    assert "Please wait 15 minutes, then try again." in refused.text
    assert not is_in(client)
    clock.shift(LONGEST_PAUSE)
    sign_in(client, COORDINATOR, PASSWORD)
    assert is_in(client)
    assert guess(a_browser(runtime)).response.status_code == 422  # And all begins anew.


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_address_with_an_account_and_one_without_are_answered_alike(runtime: Runtime) -> None:
    said: dict[str, list[tuple[int, str]]] = {}
    for email in (COORDINATOR, NOBODY):
        answers = (guess(a_browser(runtime), email) for _ in range(8))
        said[email] = [(each.response.status_code, each.text) for each in answers]
    assert said[COORDINATOR] == said[NOBODY]
    assert {status for status, _text in said[NOBODY]} == {422, 429}


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_an_address_without_an_account_costs_as_much(runtime: Runtime) -> None:
    took: dict[str, list[float]] = {COORDINATOR: [], NOBODY: []}
    with runtime.database.reading() as db:
        for _ in range(9):
            for email, times in took.items():
                began = time.perf_counter()
                assert check_password(db, email, "a wrong password") is None
                times.append(time.perf_counter() - began)
    known, unknown = (median(times) for times in took.values())
    assert 0.5 < unknown / known < 2  # Without the second hash it would be a hundredth.


def test_of_many_tries_at_once_no_more_are_judged_than_of_as_many_in_a_row(
    runtime: Runtime,
) -> None:
    counter = counter_of_account(runtime.settings, COORDINATOR)

    def attempt(_number: int) -> bool:
        with runtime.database.writing() as db:
            return begin_try(db, [counter], START) is None

    with ThreadPoolExecutor(8) as pool:
        judged = list(pool.map(attempt, range(24)))
    assert sum(judged) == counter.free + 1


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_one_place_that_tries_many_accounts_is_slowed_and_no_other_place(runtime: Runtime) -> None:
    answers = [guess_from(runtime, "203.0.113.9", f"staff{n}@example.org") for n in range(30)]
    assert answers == [422] * 26 + [429] * 4
    assert guess_from(runtime, "203.0.113.10", COORDINATOR) == 422


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_hall_full_of_staff_that_sign_in_rightly_is_not_slowed(runtime: Runtime) -> None:
    for _ in range(30):
        client = a_browser(runtime)
        sign_in(client, COORDINATOR, PASSWORD)
        assert is_in(client)


def test_a_whole_ipv6_prefix_is_one_place(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    one, other, far = (
        counter_of_network(settings, address)
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    )
    assert one == other != far


def test_what_is_kept_names_nobody_and_is_forgotten_after_a_day(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    guess(a_browser(runtime), NOBODY)
    with runtime.database.reading() as db:
        keys = " ".join(db.scalars(sa.select(SignInDelay.key)))
    assert "nobody" not in keys
    assert "127.0.0.1" not in keys
    clock.shift(FORGOTTEN_AFTER + timedelta(minutes=1))
    forget_all(runtime, datetime.now(UTC))
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(SignInDelay)).all() == []


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_stolen_session_does_not_let_one_guess_faster(runtime: Runtime) -> None:
    client = a_browser(runtime)
    sign_in(client, COORDINATOR, PASSWORD)
    for _ in range(7):
        page = submit(client, visit(client, "/staff/account"), "/second-factor", password="a guess")
    assert "Too many tries" in page.text


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_nobody_who_guesses_can_make_the_owner_wait_in_a_browser_that_is_known(
    runtime: Runtime,
) -> None:
    owner, thief = a_browser(runtime), a_browser(runtime)
    sign_in(owner, COORDINATOR, PASSWORD)
    owner.delete_cookie("turnout")
    while guess(thief).response.status_code != 429:
        pass
    assert sign_in(a_browser(runtime), COORDINATOR, PASSWORD).response.status_code == 429
    sign_in(owner, COORDINATOR, PASSWORD)
    assert is_in(owner)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_mark_of_a_known_browser_gives_no_more_tries_at_any_account_and_names_nobody(
    runtime: Runtime,
) -> None:
    client = a_browser(runtime)
    sign_in(client, COORDINATOR, PASSWORD)
    mark = client.get_cookie("turnout-known")
    assert mark is not None
    assert "coordinator" not in mark.decoded_value
    for email in (COORDINATOR, "admin@example.org"):
        thief = a_browser(runtime)
        thief.set_cookie("turnout-known", mark.value)
        answers = [guess(thief, email).response.status_code for _ in range(8)]
        assert answers == [422] * 6 + [429] * 2
