"""A forgotten password: from the question to the mail, by its link to another password."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from services.catalog.app import SERVICE as CATALOG
from services.chassis.links import Links
from services.chassis.openid_settings import OpenId
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember
from services.notify.app import SERVICE as NOTIFY
from services.notify.models import Delivery
from services.registration.account_changes import deactivate
from services.registration.accounts import by_email
from services.registration.forgotten_pages import ANSWER_TAKES
from services.registration.forgotten_password import LINK_LIVES
from services.registration.sign_ins import end_all_sign_ins
from tests.databases import ON_BOTH, StartService
from tests.notify.post import html_of, letters, text_of
from tests.pages import Page, follow, sign_in, submit, visit
from tests.people.site import Site
from tests.registration.conftest import PASSWORD
from tests.registration.staff_browsers import (
    ACCOUNT,
    ADMIN,
    COORDINATOR,
    a_browser,
    is_in,
    signed_in,
    with_second_factor,
)

START = datetime(2026, 3, 2, 15, tzinfo=UTC)
NEW = "seven green kettles sing"
NOBODY = "nobody@example.org"
ANSWER = "If there is an account with this address, a mail is on its way there."


@pytest.fixture
def dialect() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def site(runtime: Runtime, start_service: StartService) -> Site:
    """Registration with its accounts, and the others, which hear of them."""
    site = Site(runtime, start_service(NOTIFY), start_service(CATALOG))
    site.settle(START)
    return site


def ask(client: FlaskClient, email: str = COORDINATOR) -> Page:
    page = visit(client, "/staff/sign-in")
    assert "/staff/sign-in/forgotten" in page.links
    return submit(client, visit(client, "/staff/sign-in/forgotten"), "/forgotten", email=email)


def links_mailed(site: Site) -> list[str]:
    """The path of each link that has arrived, as its reader finds it in both parts of a mail."""
    site.settle(datetime.now(UTC))
    found = []
    for letter in letters(site.notify):
        address = re.compile(r"http://turnout\.test(/staff/sign-in/new-password/[\w.=-]+)")
        [in_text], [in_html] = (
            set(address.findall(each)) for each in (text_of(letter), html_of(letter))
        )
        assert in_text == in_html
        found.append(in_text)
    return found


def mailed_link(site: Site, email: str = COORDINATOR) -> str:
    ask(a_browser(site.registration), email)
    return links_mailed(site)[-1]


def choose(client: FlaskClient, link: str, password: str = NEW, **but: str) -> Page:
    page = follow(client, link)
    typed = {"new_password": password, "repeated": password, **but}
    return submit(client, page, "", **typed)


def opens(runtime: Runtime, password: str, email: str = COORDINATOR) -> bool:
    client = a_browser(runtime)
    sign_in(client, email, password)
    return is_in(client)


@ON_BOTH
def test_from_the_question_by_the_mail_to_the_new_password(site: Site) -> None:
    runtime = site.registration
    elsewhere = signed_in(runtime)
    client = a_browser(runtime)
    assert ANSWER in ask(client).text
    [link] = links_mailed(site)
    assert str(letters(site.notify)[0]["To"]) == f"Coordinator <{COORDINATOR}>"
    page = follow(client, link)
    assert COORDINATOR in page.text
    assert is_in(elsewhere), "looking changes nothing"
    assert opens(runtime, PASSWORD)
    page = choose(client, link)
    assert "Your password is changed, and you are signed out everywhere." in page.text
    assert not is_in(client), "nobody is signed in by a link"
    assert not is_in(elsewhere)
    assert not opens(runtime, PASSWORD)
    assert opens(runtime, NEW)
    history = visit(signed_in_with(runtime, NEW), ACCOUNT).text
    assert "A link to a new password was asked for" in history
    assert "Password chosen anew, by the link from a mail" in history


def signed_in_with(runtime: Runtime, password: str) -> FlaskClient:
    client = a_browser(runtime)
    sign_in(client, COORDINATOR, password)
    return client


@ON_BOTH
def test_a_link_is_good_once_and_no_other_outlives_it(site: Site) -> None:
    first, second = mailed_link(site), mailed_link(site)
    prepared = a_browser(site.registration)
    form = follow(prepared, second)
    choose(a_browser(site.registration), first)
    for link in (first, second):
        page = follow(a_browser(site.registration), link)
        assert page.response.status_code == 410
        assert "This link works no more" in page.text
        assert page.form("/forgotten").fields["email"] == ""
    late = submit(prepared, form, "", new_password=PASSWORD, repeated=PASSWORD)
    assert late.response.status_code == 410
    assert opens(site.registration, NEW)


def test_a_link_dies_after_an_hour_also_in_the_browser_that_has_followed_it(
    site: Site, clock: time_machine.Traveller
) -> None:
    link, client = mailed_link(site), a_browser(site.registration)
    clock.shift(LINK_LIVES - timedelta(minutes=1))
    address = client.get(link).location
    assert client.get(address).status_code == 200
    clock.shift(timedelta(minutes=2))
    assert client.get(address).status_code == 403
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("what", ["closed", "signed out everywhere"])
def test_a_link_dies_with_what_else_ends_the_sign_ins(site: Site, what: str) -> None:
    link = mailed_link(site)
    with site.registration.database.writing() as db:
        member = account(site.registration)
        if what == "closed":
            deactivate(db, member.id, now=START)
        else:
            end_all_sign_ins(db, db.merge(member), START)
    assert follow(a_browser(site.registration), link).response.status_code == 410


def account(runtime: Runtime, email: str = COORDINATOR) -> StaffMember:
    with runtime.database.reading() as db:
        found = by_email(db, email)
    assert found is not None
    return found


def test_what_is_signed_by_nobody_or_for_something_else_opens_nothing(site: Site) -> None:
    client, member = a_browser(site.registration), account(site.registration)
    link = mailed_link(site)
    other = Links(site.registration.settings).data(member.id).rpartition("/")[2]
    for forged in (f"{link[:-3]}abc", f"/staff/sign-in/new-password/{other}"):
        assert client.get(forged).status_code == 404
    own = f"/staff/sign-in/new-password/{member.id}"
    token = visit(client, "/staff/sign-in").form("/sign-in").fields["csrf_token"]
    sent = {"new_password": NEW, "repeated": NEW, "csrf_token": token}
    assert client.get(own).status_code == 403
    assert client.post(own, data=sent).status_code == 403
    assert opens(site.registration, PASSWORD)


def test_the_link_leaves_the_address_at_once(site: Site) -> None:
    link, client = mailed_link(site), a_browser(site.registration)
    answer = client.get(link)
    token = link.rpartition("/")[2]
    assert answer.status_code == 302
    assert token not in answer.location
    page = visit(client, answer.location)
    assert token not in page.response.text
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    assert page.response.headers["Cache-Control"] == "no-store"


def test_the_second_step_is_asked_for_as_ever(site: Site, clock: time_machine.Traveller) -> None:
    app, _codes = with_second_factor(signed_in(site.registration), START)
    client = a_browser(site.registration)
    choose(client, mailed_link(site))
    page = sign_in(client, COORDINATOR, NEW)
    assert "Code from your app" in page.text
    assert not is_in(client)
    clock.shift(timedelta(minutes=1))
    submit(client, page, "/code", code=app.at(datetime.now(UTC)))
    assert is_in(client)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"repeated": NEW + "s"}, "The two are not the same."),
        ({"new_password": "short", "repeated": "short"}, "Take at least 15 characters"),
        ({"new_password": "union" * 4, "repeated": "union" * 4}, "others try first"),
        ({"new_password": "", "repeated": ""}, "Please fill this in."),
    ],
)
def test_what_does_not_do_is_refused_and_the_link_stays_good(
    site: Site, typed: dict[str, str], said: str
) -> None:
    link, client = mailed_link(site), a_browser(site.registration)
    page = choose(client, link, **typed)
    assert page.response.status_code == 422
    assert said in page.text
    assert not any(f'value="{each}"' in page.response.text for each in typed.values() if each)
    assert opens(site.registration, PASSWORD)
    assert "Your password is changed" in choose(client, link).text


def test_whoever_asks_learns_nothing_of_who_has_an_account(site: Site) -> None:
    with site.registration.database.writing() as db:
        deactivate(db, account(site.registration, "facilitator@example.org").id, now=START)
    asked = {}
    for email in (COORDINATOR, "facilitator@example.org", NOBODY):
        pages = [ask(a_browser(site.registration), email) for _ in range(5)]
        asked[email] = [(each.response.status_code, each.text) for each in pages]
    assert asked[COORDINATOR] == asked[NOBODY] == asked["facilitator@example.org"]
    assert [status for status, _text in asked[NOBODY]] == [200] * 4 + [429]
    links_mailed(site)
    assert {str(each["To"]) for each in letters(site.notify)} == {f"Coordinator <{COORDINATOR}>"}


def test_asking_takes_as_long_for_an_address_without_an_account(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client, took = a_browser(runtime), {COORDINATOR: [], NOBODY: []}
    form = visit(client, "/staff/sign-in/forgotten").form("/forgotten")
    for number in range(10):
        clock.shift(timedelta(hours=2))
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        for email, times in took.items():
            began = time.perf_counter()
            answer = client.post(form.action, data=form.fields | {"email": email})
            times.append(time.perf_counter() - began)
            assert answer.status_code == 302
    assert min(map(min, took.values())) >= ANSWER_TAKES
    told = {email: f"{median(times) * 1000:.1f} ms" for email, times in took.items()}
    print("medians of asking for a link:", told)  # noqa: T201 - to look at with `pytest -rP`.


def test_nobodys_mailbox_is_filled_by_asking_again_and_again(
    runtime: Runtime, clock: time_machine.Traveller
) -> None:
    client, statuses = a_browser(runtime), []
    form = visit(client, "/staff/sign-in/forgotten").form("/forgotten")
    for number in range(24 * 12):
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number % 250}"
        answer = client.post(form.action, data=form.fields | {"email": COORDINATOR})
        statuses.append(answer.status_code)
        clock.shift(timedelta(minutes=5))
    assert set(statuses) == {302, 429}
    assert 24 < statuses.count(302) < 40


def test_one_place_asks_for_many_accounts_slowly(runtime: Runtime) -> None:
    client = a_browser(runtime)
    statuses = [ask(client, f"a{number}@example.org").response.status_code for number in range(28)]
    assert statuses == [200] * 26 + [429] * 2
    assert opens(runtime, PASSWORD), "signing in from there is not slowed"


def test_guessing_before_keeps_nobody_waiting_after(site: Site) -> None:
    for number in range(8):
        sign_in(a_browser(site.registration), COORDINATOR, f"wrong {number}")
    assert not opens(site.registration, PASSWORD)
    choose(a_browser(site.registration), mailed_link(site))
    assert opens(site.registration, NEW)


def test_a_mail_that_comes_too_late_is_not_sent(site: Site, clock: time_machine.Traveller) -> None:
    ask(a_browser(site.registration), ADMIN)
    site.carry(START)
    clock.shift(LINK_LIVES)
    site.send_mail(datetime.now(UTC))
    with site.notify.database.reading() as db:
        [mail] = db.scalars(sa.select(Delivery))
    assert (mail.state, mail.error) == (
        "superseded",
        "Not sent: the time that it speaks of has passed.",
    )


def test_where_a_provider_signs_people_in_the_page_says_so(runtime: Runtime) -> None:
    openid = OpenId("https://id.example.org", "turnout", "a secret", name="Union ID")
    with_provider = replace(runtime, settings=replace(runtime.settings, openid=openid))
    page = visit(a_browser(with_provider), "/staff/sign-in/forgotten")
    assert "Sign in with Union ID" in page.text
    page = visit(a_browser(runtime), "/staff/sign-in/forgotten")
    assert "/staff/sign-in/provider" not in page.links


def test_all_of_it_speaks_french(site: Site) -> None:
    client = a_browser(site.registration)
    page = visit(client, "/staff/sign-in/forgotten?lang=fr")
    assert "Mot de passe oublié?" in page.text
    assert "S’il y a un compte" in submit(client, page, "/forgotten", email=COORDINATOR).text
    [link] = links_mailed(site)
    assert "Choisir un nouveau mot de passe" in follow(client, link).text
    assert "toutes vos connexions ont pris fin" in choose(client, link).text
    assert "Ce lien ne fonctionne plus" in follow(client, link).text
