"""Links of capability: out of the address at first use, good for many, and for looking only."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from services.chassis.capabilities import LASTS, MOST_OF_A_KIND
from services.chassis.ids import new_id
from services.chassis.links import Links
from services.chassis.service import Runtime
from services.contracts import Contract
from services.notify.kinds import KINDS
from services.notify.samples import sample
from services.registration.models import Registration
from services.registration.roster_recipients import recipients_of
from tests.databases import ON_BOTH, settings_for
from tests.notify.factories import Data, announcement, in_language
from tests.notify.post import html_of, mailed, receive, states, text_of
from tests.pages import follow, submit, visit
from tests.registration.factories import signed_up, soon, tell_of
from tests.security.site import SmallSite, changed

TOKEN = re.compile(r"[\w-]{20,}\.[\w-]{20,}")
LOOKS = {f"registration.{name}" for name in ("roster_opening", "audit_entry", "audit_head")}
"""Who looked at a roster is written down: a record of looking, which decides nothing."""


@pytest.fixture
def registration(site: SmallSite) -> Runtime:
    return site.runtimes["registration"]


def own_link(runtime: Runtime, name: str, session_id: UUID | None = None) -> str:
    """The path that a member's mail has, for somebody who has just signed up."""
    place = signed_up(runtime, session_id or tell_of(runtime, soon()), name).registration
    return path_of(Links(runtime.settings).manage(place.id, 1), runtime)


def roster_link(runtime: Runtime, session_id: UUID | None = None) -> str:
    with runtime.database.reading() as db:
        recipient = recipients_of(db, session_id or tell_of(runtime, soon()))[0]
    return f"/roster/{Links(runtime.settings).roster_token(recipient.id)}"


def path_of(address: str, runtime: Runtime) -> str:
    return address.removeprefix(runtime.settings.base_url)


def every_mail(site: SmallSite) -> list[EmailMessage]:
    """Each kind in each language, about places and rosters that there are."""
    registration, notify = site.runtimes["registration"], site.runtimes["notify"]
    session_id = tell_of(registration, soon(capacity=100))
    token = roster_link(registration, session_id).removeprefix("/roster/")
    for language in ("en", "fr"):
        for kind in KINDS:
            place = signed_up(registration, session_id, f"{kind} {language}").registration
            receive(notify, _about(sample(kind, language), place, token))
        receive(notify, in_language(announcement(group_message_id=new_id()), language))
    found = mailed(notify)
    assert {state for _kind, state in states(notify)} == {"accepted"}
    assert {kind for kind, _state in states(notify)} == set(KINDS)
    return found


def _about(sample: tuple[Contract, Data], place: Registration, token: str) -> tuple[Contract, Data]:
    """The sample, told of this registration and with this link to a roster, none of them dead."""
    contract, data = sample
    real: Data = {"registration_id": place.id, "link_token": token, "group_message_id": new_id()}
    real["expires_at"] = datetime.now(UTC) + timedelta(hours=1)
    return contract, data | {name: value for name, value in real.items() if name in data}


def links_in(message: EmailMessage, runtime: Runtime) -> set[str]:
    """Every address of ours in a mail, wherever in it, as a path."""
    said = [text_of(message), html_of(message), *map(str, message.values())]
    said += [
        str(part.get_content()) for part in message.walk() if "calendar" in part.get_content_type()
    ]
    base = re.escape(runtime.settings.base_url)
    found = re.findall(rf"{base}(/[^\s\"'<>)\]]*)", "\n".join(said))
    return {each.rstrip(".,;") for each in found}


@ON_BOTH
def test_following_every_link_of_every_mail_changes_nothing_and_shows_no_token_in_a_log(
    site: SmallSite, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    notify = site.runtimes["notify"]
    links = set().union(*(links_in(each, notify) for each in every_mail(site)))
    kinds = {each.split("/")[1] for each in links}
    assert kinds >= {"my", "roster", "unsubscribe", "sessions", "staff"}
    before = site.tables()
    with caplog.at_level(0):
        for link in sorted(links):
            one_machine, another = site.visitor(), site.visitor()
            one_machine.head(link)
            answers = [each.get(link) for each in (one_machine, one_machine, another)]
            assert {each.status_code for each in answers} <= {200, 302, 404}, link
        assert changed(before, site.tables()) == set()
        browser = site.visitor()
        landed = {link: follow(browser, link) for link in sorted(links)}
    assert changed(before, site.tables()) == LOOKS
    opened = {link: page for link, page in landed.items() if TOKEN.search(link)}
    assert len(opened) > 2 * len(KINDS) - 4
    statuses = {link: page.response.status_code for link, page in opened.items()}
    # What the samples of these two are about, a request and an account, has never been made.
    dead = ("/data/", "/staff/sign-in/new-password/")
    expected = {link: 410 if link.startswith(dead) else 200 for link in opened}
    assert statuses == expected
    assert TOKEN.findall(caplog.text + "".join(capfd.readouterr())) == []


def test_a_link_leaves_the_address_and_is_nowhere_on_the_page(
    site: SmallSite, registration: Runtime
) -> None:
    for link in (own_link(registration, "Alex"), roster_link(registration)):
        browser = site.visitor()
        answer = browser.get(link)
        assert (answer.status_code, bool(TOKEN.search(answer.location))) == (302, False)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        page = follow(browser, link)
        assert page.response.status_code == 200
        assert link.rpartition("/")[2] not in page.response.text


def test_the_address_alone_opens_nothing_and_does_not_tell_whether_there_is_something(
    site: SmallSite, registration: Runtime
) -> None:
    for link in (own_link(registration, "Alex"), roster_link(registration)):
        address = site.visitor().get(link).location
        known, unknown = (
            visit(site.visitor(), each)
            for each in (address, f"{address.rpartition('/')[0]}/{new_id()}")
        )
        assert {known.response.status_code, unknown.response.status_code} == {403}
        assert known.text == unknown.text
        assert "Please open the link in your mail" in known.text


def test_one_browser_opens_many_places_and_rosters_at_once(
    site: SmallSite, registration: Runtime
) -> None:
    browser = site.visitor()
    links = [own_link(registration, f"Alex {number}") for number in range(3)]
    links += [roster_link(registration) for _ in range(2)]
    addresses = [browser.get(link).location for link in links]
    assert [visit(browser, each).response.status_code for each in addresses] == [200] * 5
    page = submit(browser, visit(browser, addresses[0]), "/cancel")
    assert "Your place is cancelled" in page.text
    assert "You are confirmed" in visit(browser, addresses[1]).text


def test_the_cookie_stays_small_however_many_links_are_followed(
    site: SmallSite, registration: Runtime
) -> None:
    browser = site.visitor()
    session_id = tell_of(registration, soon(capacity=100))
    for number in range(MOST_OF_A_KIND + 3):
        last = browser.get(own_link(registration, f"Alex {number}", session_id))
        browser.get(roster_link(registration))
    assert visit(browser, last.location).response.status_code == 200
    cookie = browser.get_cookie("turnout")
    assert cookie is not None
    assert len(cookie.value) < 3_500


def test_what_was_opened_closes_after_twelve_hours_and_the_link_opens_it_again(
    site: SmallSite, registration: Runtime
) -> None:
    browser, link = site.visitor(), own_link(registration, "Alex")
    address = browser.get(link).location
    now = datetime.now(UTC)
    with time_machine.travel(now + LASTS - timedelta(minutes=1), tick=False):
        assert browser.get(address).status_code == 200
    with time_machine.travel(now + LASTS + timedelta(minutes=1), tick=False):
        assert browser.get(address).status_code == 403
        assert browser.post(f"{address}/cancel").status_code in (400, 403)
        assert follow(browser, link).response.status_code == 200


def test_a_link_that_is_replaced_closes_what_it_had_opened(
    site: SmallSite, registration: Runtime
) -> None:
    browser, link = site.visitor(), own_link(registration, "Alex")
    address = browser.get(link).location
    with registration.database.writing() as db:
        db.execute(sa.update(Registration).values(link_version=2))
    assert browser.get(address).status_code == 403
    assert browser.get(link).status_code == 404


def test_acting_needs_the_token_of_the_form(site: SmallSite, registration: Runtime) -> None:
    browser, link = site.visitor(), own_link(registration, "Alex")
    address = browser.get(link).location
    before = site.tables()
    for action in ("accept", "decline", "cancel", "details", "announcements"):
        assert browser.post(f"{address}/{action}", data={"agreed": "yes"}).status_code == 400
        assert browser.post(f"{link}/{action}").status_code == 404
    assert changed(before, site.tables()) == set()


@pytest.mark.parametrize("asked", ["_external=1", "_anchor=x", "registration_id=1", "_scheme=ftp"])
def test_nothing_else_in_the_address_bends_where_it_leads(
    site: SmallSite, registration: Runtime, asked: str
) -> None:
    link = own_link(registration, "Alex")
    plain, bent = (site.visitor().get(each).location for each in (link, f"{link}?{asked}"))
    assert bent == plain
    assert site.visitor().get(f"{link}?lang=fr").location == f"{plain}?lang=fr"


def test_ten_thousand_forged_links_open_nothing(registration: Runtime) -> None:
    links = Links(registration.settings)
    genuine = own_link(registration, "Alex").removeprefix("/my/")
    payload, _, signature = genuine.partition(".")
    forged = (f"{payload}.{signature[:-6]}{number:06x}" for number in range(10_000))
    assert [each for each in forged if each != genuine and links.read_manage(each)] == []
    assert links.read_manage(genuine)


def test_a_new_secret_takes_the_links_of_the_one_before_and_of_no_other(
    registration: Runtime, site: SmallSite
) -> None:
    old = registration.settings.secret_key
    new = "another secret that only the tests know of"
    token = own_link(registration, "Alex").removeprefix("/my/")
    data = registration.settings.data
    changing = settings_for(data, TURNOUT_SECRET_KEY=new, TURNOUT_SECRET_KEY_PREVIOUS=old)
    assert Links(changing).read_manage(token)
    assert Links(settings_for(data, TURNOUT_SECRET_KEY=new)).read_manage(token) is None
    made = Links(changing).manage(new_id(), 1).rpartition("/")[2]
    assert Links(registration.settings).read_manage(made) is None
