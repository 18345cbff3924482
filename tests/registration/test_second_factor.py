"""The second factor: setting it up, signing in with it, losing it; without it nothing opens."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.chassis.service import Runtime
from services.registration.accounts import by_email
from services.registration.second_factor import GRACE, RECOVERY_CODES, reset_factor
from services.registration.sign_in_models import RecoveryCode, SecondFactor
from tests.databases import ON_BOTH
from tests.pages import sign_in, submit, visit
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import (
    ACCOUNT,
    COORDINATOR,
    a_browser,
    codes_on,
    is_in,
    set_up_app,
    signed_in,
    the_app,
    with_second_factor,
)

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
STEP = timedelta(seconds=30)
BEHIND_THE_DOOR = (
    "/staff/",
    "/staff/account",
    "/staff/tasks",
    "/staff/organisations",
    "/staff/events/registration/",
)


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def now() -> datetime:
    return datetime.now(UTC)


def nothing_opens(client: FlaskClient) -> bool:
    return {client.get(path).status_code for path in BEHIND_THE_DOOR} == {302}


def account_path(runtime: Runtime) -> str:
    with runtime.database.reading() as db:
        member = by_email(db, COORDINATOR)
    assert member is not None
    return f"/staff/accounts/{member.id}"


def reset(runtime: Runtime, actor: str) -> None:
    with runtime.database.writing() as db:
        member = by_email(db, COORDINATOR)
        assert member is not None
        reset_factor(db, member, by=(actor, actor, "admin"), now=now())


def test_a_password_alone_opens_nothing_once_there_is_a_second_factor(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    clock.shift(STEP)
    client = a_browser(runtime)
    page = sign_in(client, COORDINATOR, PASSWORD)
    assert "Code from your app" in page.text
    assert nothing_opens(client)
    assert "not the code" in submit(client, page, "/code", code="000000").text
    assert nothing_opens(client)
    page = submit(client, page, "/code", code=app.at(now()))
    assert page.response.request.path == "/staff/"
    assert is_in(client)


def test_whoever_was_signed_in_before_is_not_while_the_code_is_asked_for(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client = signed_in(runtime)
    with_second_factor(client, now())
    sign_in(client, COORDINATOR, PASSWORD)
    assert nothing_opens(client)


def test_the_code_leads_where_the_reader_was_going(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    clock.shift(STEP)
    client = a_browser(runtime)
    page = visit(client, "/staff/sign-in?next=/staff/tasks")
    page = submit(client, page, "/sign-in", email=COORDINATOR, password=PASSWORD)
    page = submit(client, page, "/code", code=app.at(now()))
    assert page.response.request.path == "/staff/tasks"


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_that_is_a_step_away_is_forgiven(
    runtime: Runtime, clock: time_machine.Traveller, steps: int, is_taken: bool
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    clock.shift(timedelta(hours=1))
    client = a_browser(runtime)
    page = sign_in(client, COORDINATOR, PASSWORD)
    submit(client, page, "/code", code=app.at(now() + steps * STEP))
    assert is_in(client) is is_taken


@ON_BOTH
def test_a_code_is_taken_once_and_so_is_none_before_it(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    clock.shift(timedelta(hours=1))
    seen, older = app.at(now()), app.at(now() - STEP)
    for code, is_taken in (
        (seen, True),
        (seen, False),
        (older, False),
        (app.at(now() + STEP), True),
    ):
        client = a_browser(runtime)
        submit(client, sign_in(client, COORDINATOR, PASSWORD), "/code", code=code)
        assert is_in(client) is is_taken


def test_a_code_may_be_pasted_as_the_app_groups_it(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    clock.shift(STEP)
    code, client = app.at(now()), a_browser(runtime)
    page = sign_in(client, COORDINATOR, PASSWORD)
    submit(client, page, "/code", code=f" {code[:3]} {code[3:]} ")
    assert is_in(client)


def test_guessing_codes_is_slowed_and_the_right_one_works_after_the_pause(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    client = a_browser(runtime)
    page = sign_in(client, COORDINATOR, PASSWORD)
    for _ in range(6):
        submit(client, page, "/code", code="000000")
    clock.shift(timedelta(seconds=1))
    refused = submit(client, page, "/code", code=app.at(now()))
    assert refused.response.status_code == 429
    assert "Please wait a second, then try again." in refused.text
    clock.shift(STEP)
    submit(client, page, "/code", code=app.at(now()))
    assert is_in(client)


@ON_BOTH
def test_a_recovery_code_is_good_once_and_only_for_its_owner(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    _app, codes = with_second_factor(signed_in(runtime), now())
    _app, others = with_second_factor(signed_in(runtime, "admin@example.org"), now())
    assert len({*codes, *others}) == 2 * RECOVERY_CODES
    typed = codes[0].upper().replace("-", " ")
    for code, is_taken in ((typed, True), (codes[0], False), (others[0], False), (codes[1], True)):
        client = a_browser(runtime)
        page = sign_in(client, COORDINATOR, PASSWORD)
        submit(client, page, "/recovery-code", recovery_code=code)
        assert is_in(client) is is_taken
    assert f"{RECOVERY_CODES - 2} recovery codes are left." in visit(client, ACCOUNT).text
    assert "Signed in with a recovery code" in visit(client, ACCOUNT).text


def test_recovery_codes_are_shown_once_kept_as_digests_and_can_be_made_anew(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client = signed_in(runtime)
    _app, codes = with_second_factor(client, now())
    page = visit(client, ACCOUNT)
    assert not any(code in page.response.text for code in codes)
    with runtime.database.reading() as db:
        kept = " ".join(db.scalars(sa.select(RecoveryCode.digest)))
    assert not any(code.replace("-", "") in kept for code in codes)
    assert "not your present password" in submit(client, page, "/recovery-codes", password="x").text
    page = submit(client, page, "/recovery-codes", password=PASSWORD)
    renewed = codes_on(page)
    assert page.response.headers["Cache-Control"] == "no-store"
    assert len(renewed) == RECOVERY_CODES
    assert not {*renewed} & {*codes}
    other = a_browser(runtime)
    page = sign_in(other, COORDINATOR, PASSWORD)
    submit(other, page, "/recovery-code", recovery_code=codes[0])
    assert not is_in(other)
    submit(other, page, "/recovery-code", recovery_code=renewed[0])
    assert is_in(other)


def test_a_new_account_is_let_in_and_reminded_until_the_grace_period_is_over(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    assert "Within 14 days you need a second step" in visit(signed_in(runtime), "/staff/").text
    clock.shift(GRACE - timedelta(hours=3))
    last = signed_in(runtime)
    assert "Within a day you need a second step" in visit(last, "/staff/").text
    clock.shift(timedelta(minutes=29))
    assert is_in(last)
    for _ in range(6):
        clock.shift(timedelta(minutes=25.5))
        last.get("/staff/")
    assert nothing_opens(last)


def test_after_the_grace_period_signing_in_leads_to_setting_up_and_to_nothing_else(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    signed_in(runtime)
    clock.shift(GRACE)
    client = a_browser(runtime)
    page = visit(client, "/staff/sign-in?next=/staff/tasks")
    page = submit(client, page, "/sign-in", email=COORDINATOR, password=PASSWORD)
    assert "Set up the second step" in page.text
    assert nothing_opens(client)
    page = submit(client, page, "/second-factor", code="000000")
    assert "not the code that your app shows now" in page.text
    assert nothing_opens(client)
    app = the_app(page)
    page = submit(client, page, "/second-factor", code=app.at(now()))
    assert len(codes_on(page)) == RECOVERY_CODES
    assert "/staff/tasks" in page.links
    assert "you need a second step" not in page.text
    submit(client, page, "/sign-out")
    assert nothing_opens(client)
    clock.shift(STEP)
    page = submit(client, sign_in(client, COORDINATOR, PASSWORD), "/code", code=app.at(now()))
    assert is_in(client)
    assert "you need a second step" not in visit(client, "/staff/").text


def test_a_password_does_not_let_a_thief_put_an_app_of_theirs_in_place_of_the_owners(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    owner = signed_in(runtime)
    with_second_factor(owner, now())
    app, _page = set_up_app(owner)  # A second one, begun and not confirmed.
    thief = a_browser(runtime)
    page = sign_in(thief, COORDINATOR, PASSWORD)
    token = page.form("/code").fields
    assert visit(thief, "/staff/sign-in/second-factor").response.status_code == 302
    thief.post("/staff/sign-in/second-factor", data={**token, "code": app.at(now())})
    assert nothing_opens(thief)


def test_another_app_takes_over_when_it_has_shown_a_code_and_ends_other_sign_ins(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client = signed_in(runtime)
    first, codes = with_second_factor(client, now())
    second, page = set_up_app(client)
    clock.shift(STEP)
    elsewhere = a_browser(runtime)
    submit(elsewhere, sign_in(elsewhere, COORDINATOR, PASSWORD), "/code", code=first.at(now()))
    assert is_in(elsewhere)
    submit(client, page, "/second-factor", code=second.at(now()))
    assert (is_in(client), is_in(elsewhere)) == (True, False)
    clock.shift(STEP)
    page = sign_in(elsewhere, COORDINATOR, PASSWORD)
    submit(elsewhere, page, "/code", code=first.at(now()))
    submit(elsewhere, page, "/recovery-code", recovery_code=codes[0])
    assert not is_in(elsewhere)
    submit(elsewhere, page, "/code", code=second.at(now()))
    assert is_in(elsewhere)


def test_setting_up_asks_for_the_password_again(runtime: Runtime, client: FlaskClient) -> None:
    sign_in(client, COORDINATOR, PASSWORD)
    page = submit(client, visit(client, ACCOUNT), "/second-factor", password="a stolen session")
    assert page.response.status_code == 422
    assert "This is not your present password." in page.text
    assert visit(client, "/staff/sign-in/second-factor").response.location == ACCOUNT


def test_the_key_is_shown_as_picture_and_text_and_kept_sealed(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client = signed_in(runtime)
    app, page = set_up_app(client)
    assert 'src="data:image/svg+xml;' in page.response.text
    assert "img-src 'self' data:" in page.response.headers["Content-Security-Policy"]
    submit(client, page, "/second-factor", code=app.at(now()))
    with runtime.database.reading() as db:
        kept = db.scalars(sa.select(SecondFactor)).one()
    assert kept.secret
    assert app.secret not in kept.secret + kept.new_secret


@ON_BOTH
def test_whoever_lost_it_sets_it_up_anew_after_a_reset_which_leaves_a_trace(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    owner = signed_in(runtime)
    app, _codes = with_second_factor(owner, now())
    reset(runtime, "Admin")
    assert not is_in(owner)
    page = sign_in(owner, COORDINATOR, PASSWORD)
    assert "Set up the second step" in page.text  # No second grace period.
    assert nothing_opens(owner)
    submit(owner, page, "/second-factor", code=app.at(now()))
    assert nothing_opens(owner)
    submit(owner, page, "/second-factor", code=the_app(page).at(now()))
    page = visit(owner, ACCOUNT)
    assert "Second step taken away" in page.text
    assert "Admin" in page.text


def test_an_administrator_resets_it_on_the_accounts_page_and_nobody_else(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    owner = signed_in(runtime)
    with_second_factor(owner, now())
    admin = signed_in(runtime, "admin@example.org")
    page = visit(admin, "/staff/accounts")
    (path,) = [each for each in page.links if each == account_path(runtime)]
    page = submit(admin, visit(admin, path), "/reset-second-factor")
    assert "The next sign-in sets up the second step anew." in page.text
    assert "It is not set up yet." in page.text
    assert not is_in(owner)
    assert "Set up the second step" in sign_in(owner, COORDINATOR, PASSWORD).text
    other = signed_in(runtime, "facilitator@example.org")
    token = visit(other, ACCOUNT).form("/sign-ins/end").fields
    assert other.post(f"{path}/reset-second-factor", data=token).status_code == 403


def test_a_secret_that_was_sealed_under_another_key_lets_nobody_in_and_can_be_reset(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    owner = signed_in(runtime)
    app, _codes = with_second_factor(owner, now())
    with runtime.database.writing() as db:
        db.execute(sa.update(SecondFactor).values(secret="gAAAAA" + "A" * 120))
    clock.shift(STEP)
    page = sign_in(owner, COORDINATOR, PASSWORD)
    assert "not the code" in submit(owner, page, "/code", code=app.at(now())).text
    reset(runtime, "Admin")
    assert "Set up the second step" in sign_in(owner, COORDINATOR, PASSWORD).text


@pytest.mark.parametrize("path", ["/staff/sign-in/code", "/staff/sign-in/second-factor"])
def test_the_pages_of_the_second_step_are_no_way_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, "/staff/sign-in")


def test_the_step_waits_ten_minutes_and_not_longer(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    app, _codes = with_second_factor(signed_in(runtime), now())
    client = a_browser(runtime)
    page = sign_in(client, COORDINATOR, PASSWORD)
    clock.shift(timedelta(minutes=10))
    page = submit(client, page, "/code", code=app.at(now()))
    assert "Please sign in again" in page.text
    assert nothing_opens(client)
