"""Every page, in both languages, on a phone and at a desk: no barrier, nothing too wide."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.crawling import crawl
from tests.browser.looking_closely import problems_of
from tests.browser.member_steps import YOUR_PAGE, address_of, box, sign_up
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import (
    link_in_mail,
    mail_id_of,
    open_mail,
    publish_a_session,
    publish_another_date,
    put_in_words,
    send_to_all,
    sign_in,
    write_to,
)
from tests.browser.test_coordinator import REAL_LISTING
from tests.facts import eventually

PUBLIC = ("/", "/api/docs", "/staff/sign-in")
LABELS = {
    "en": ("Your name", "E-mail", "Your local"),
    "fr": ("Votre nom", "Courriel", "Votre section locale"),
}
KINDS_FOR_STAFF = {
    "/staff/",
    "/staff/account",
    "/staff/digest",
    "/staff/mail",
    "/staff/mail/*",
    "/staff/mail/gallery",
    "/staff/mail/letterhead",
    "/staff/mail/log",
    "/staff/mail/suppressions",
    "/staff/messages",
    "/staff/messages/new",
    "/staff/organisations",
    "/staff/registrations/*",
    "/staff/sessions/*",
    "/staff/sessions/*/planned",
    "/staff/tasks",
}
STAFF = {"admin": ("/staff/", "/staff/events/registration/"), "facilitator": ("/staff/",)}
HOURS = {"en": "Length in hours", "fr": "Durée en heures"}
SAVE = {"en": re.compile("^(Save|Make the workshop)$"), "fr": re.compile("^(Enregistrer|Créer)")}
COLOURS = {"en": "light", "fr": "dark"}
"""Each language in colours of its own, so that both sets of colours are looked at."""

LOCALES = pytest.mark.parametrize("language", ["en", "fr"])


@dataclass(frozen=True)
class LivedIn:
    """A session with people in every state, and the links that only their mail has."""

    session_id: str
    links: tuple[str, ...]


@pytest.fixture(scope="module")
def lived_in(browser: Browser, site: Site, coordinators_cookies: StorageState) -> LivedIn:
    """One has cancelled, one is offered the seat, one waits; another has a seat elsewhere.

    Who waits was written to and told news; a mail to the one with the offer came back.
    """
    visitors = Visitors(browser, site.url, patience_ms=15_000)
    staff = visitors.come(storage_state=coordinators_cookies)
    title, other = "Lived In", "Lived In Elsewhere"
    session_id = publish_a_session(staff, title, seats=1)
    for name in ("Hana Achte", "Ivo Neunte", "Jo Zehnte"):
        sign_up(visitors.come(), session_id, name, wants_news=name.startswith("Jo"))
    elsewhere = publish_a_session(staff, other)
    publish_another_date(staff, elsewhere)
    sign_up(visitors.come(), elsewhere, "Kai Elfte")
    gone = link_in_mail(staff, address_of("Hana Achte"), title, YOUR_PAGE)
    own = link_in_mail(staff, address_of("Jo Zehnte"), title, YOUR_PAGE)
    give_up(visitors.come(), gone)
    links = (
        gone,
        link_in_mail(staff, address_of("Ivo Neunte"), "A seat for you", "Accept or decline"),
        own,
        link_in_mail(staff, address_of("Kai Elfte"), other, YOUR_PAGE),
        roster_link(staff, session_id, title),
        announce(staff, "Jo Zehnte"),
    )
    write_to(staff, session_id, "waiting", subject="Parking", body="Hello {name}")
    send_to_all(staff)
    open_mail(staff, address_of("Jo Zehnte"), "Parking")
    lose_mail_of(site, staff, session_id, "Ivo Neunte")
    visitors.leave()
    assert visitors.complaints == []
    return LivedIn(session_id, tuple(link.removeprefix(site.url) for link in links))


def give_up(page: Page, link: str) -> None:
    page.goto(link)
    page.locator("summary", has_text="Cancel my place").click()
    page.get_by_role("button", name="Yes, cancel my place").click()


def roster_link(staff: Page, session_id: str, title: str) -> str:
    staff.goto(f"/staff/sessions/{session_id}")
    staff.get_by_role("button", name="Mail it now").click()
    return link_in_mail(staff, "facilitator@example.org", f"Roster: {title}", "Open the list")


def announce(staff: Page, name: str) -> str:
    """Tell a local news, which somebody in it wants; returns the link that ends them."""
    staff.goto("/staff/messages/new")
    box(staff, "To which local or area").fill("342")
    put_in_words(staff, "Spring list", "Dear {name}, the list is out.")
    send_to_all(staff)
    return link_in_mail(staff, address_of(name), "Spring list", "Stop these messages")


def lose_mail_of(site: Site, staff: Page, session_id: str, name: str) -> None:
    """Let a mail to somebody come back, and wait until that is known."""
    site.report(staff.request, "bounce", mail_id_of(staff, address_of(name)))

    def is_a_task() -> None:
        staff.goto("/staff/tasks")
        assert staff.get_by_role("main").get_by_text(name).count()

    eventually(is_a_task, within=20)


@LOCALES
def test_every_kind_of_page_of_the_public_is_open_to_everybody(
    visitors: Visitors, lived_in: LivedIn, language: str
) -> None:
    page = visitors.come(locale=f"{language}-CA", color_scheme=COLOURS[language])
    found = crawl(page.request, PUBLIC + lived_in.links)
    assert found.problems == []
    kinds = {"/", "/sessions/*", "/workshops/*", "/sign-up/*", "/my/*", "/unsubscribe/*"}
    assert kinds <= found.pages.keys()
    paths = {*found.fullest.values(), *lived_in.links}
    page.goto(f"/?lang={language}")  # What a mail leads to is in its language, unless one chooses.
    assert [problem for path in paths for problem in look_at(page, path, language)] == []


@pytest.mark.parametrize(
    ("role", "language"), [("admin", "en"), ("admin", "fr"), ("facilitator", "fr")]
)
def test_every_kind_of_page_of_the_staff_is_open_to_everybody(
    visitors: Visitors, site: Site, lived_in: LivedIn, role: str, language: str
) -> None:
    page = visitors.come(color_scheme=COLOURS[language])
    sign_in(page, site.account(role))
    page.goto(f"/staff/?lang={language}")
    planned = f"/staff/sessions/{lived_in.session_id}/planned"
    found = crawl(page.request, (*STAFF[role], *([planned] if role == "admin" else [])))
    assert found.problems == []
    if role == "admin":
        assert found.pages.keys() >= KINDS_FOR_STAFF
    paths = [path for kind, path in found.fullest.items() if kind.startswith(("/staff", "/mail"))]
    assert len(paths) >= {"admin": 10, "facilitator": 2}[role]
    assert [problem for path in paths for problem in look_at(page, path, language)] == []


def look_at(page: Page, path: str, language: str, status: int = 200) -> list[str]:
    answer = page.goto(path)
    assert answer is not None
    wrong = [f"{path} answers {answer.status}"] if answer.status != status else []
    return wrong + problems_of(page, language)


@LOCALES
def test_pages_and_mail_that_answer_a_member_are_open_to_everybody(
    visitors: Visitors, coordinator: Page, lived_in: LivedIn, language: str
) -> None:
    page = visitors.come(locale=f"{language}-CA", color_scheme=COLOURS[language])
    problems = look_at(page, "/nowhere", language, status=404)
    page.goto(f"/sign-up/{lived_in.session_id}")
    send(page)
    problems += problems_of(page, language)
    email = f"{language}.zwoelfte@example.org"
    for label, text in zip(LABELS[language], ("Lea Zwölfte", email, "342"), strict=True):
        box(page, label).fill(text)
    send(page)
    assert page.url.endswith("/answer")
    problems += problems_of(page, language)
    open_mail(coordinator, email, "Lived In")
    problems += problems_of(the_letter(coordinator, page), language)
    assert problems == []


def the_letter(mailbox: Page, page: Page) -> Page:
    """The mail that is open in the mailbox, on a page that may run what looks at it."""
    source = mailbox.get_by_title("The message as its reader sees it").get_attribute("src")
    assert source is not None
    page.goto("about:blank")
    page.set_content(mailbox.request.get(source).text())
    return page


@LOCALES
def test_pages_that_answer_staff_are_open_to_everybody(
    visitors: Visitors, coordinators_cookies: StorageState, lived_in: LivedIn, language: str
) -> None:
    page = visitors.come(storage_state=coordinators_cookies, color_scheme=COLOURS[language])
    page.goto(f"/staff/workshops/import?lang={language}")
    page.get_by_role("main").get_by_role("textbox").first.fill(REAL_LISTING.read_text("utf-8"))
    send(page)
    problems = problems_of(page, language)
    for path in ("/staff/workshops/new", f"/staff/workshops/sessions/{lived_in.session_id}"):
        page.goto(path)
        page.get_by_role("main").get_by_role("textbox", name=HOURS[language]).fill("no number")
        page.get_by_role("button", name=SAVE[language]).click()
        expect(page.get_by_role("alert")).to_be_visible()
        problems += problems_of(page, language)
    assert problems == []


@LOCALES
def test_the_steps_of_a_message_to_a_group_are_open_to_everybody(
    visitors: Visitors, coordinators_cookies: StorageState, lived_in: LivedIn, language: str
) -> None:
    page = visitors.come(storage_state=coordinators_cookies, color_scheme=COLOURS[language])
    page.goto(f"/staff/messages/new?session_id={lived_in.session_id}&to=waiting&lang={language}")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()
    problems = problems_of(page, language)
    for each in ("en", "fr"):
        page.locator(f"#subject_{each}").fill("{workshop}")
        page.locator(f"#body_{each}").fill("{name}\n\n- one\n- two\n\nhttps://example.org/map")
    send(page)
    problems += problems_of(page, language)
    page.locator("details.confirm summary").click()
    problems += problems_of(page, language)
    assert page.locator("#letter-fr").count() + page.locator("#letter-en").count() == 2
    assert problems == []


@LOCALES
def test_refused_corrections_of_staff_are_open_to_everybody(
    visitors: Visitors, coordinators_cookies: StorageState, lived_in: LivedIn, language: str
) -> None:
    page = visitors.come(storage_state=coordinators_cookies, color_scheme=COLOURS[language])
    page.goto(f"/staff/tasks?lang={language}")
    page.locator("details.confirm summary").first.click()
    page.locator("details.confirm button").first.click()
    expect(page.get_by_role("alert")).to_be_visible()
    problems = problems_of(page, language)
    page.goto("/staff/tasks")
    page.locator('a[href$="#address"]').first.click()
    page.locator("#address button").click()
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    page.goto(f"/staff/sessions/{lived_in.session_id}")
    page.locator("#recipients details.disclosure summary").last.click()
    page.locator("#recipients details.disclosure button").last.click()
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    assert problems == []


def send(page: Page) -> None:
    """Press the last button of the page."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button").last.click()
