"""The pages of one's own data, from the mail's link to the end, open to everybody."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.looking_closely import problems_of
from tests.browser.member_steps import box
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import link_in_mail, publish_a_session, sign_in

OWN_PAGE = {
    "en": ("You have a place", "See or change your sign-up"),
    "fr": ("Vous avez une place", "Voir ou modifier votre inscription"),
}
DATA = {
    "en": ("Your data, as you asked", "See your data"),
    "fr": ("Vos données, comme demandé", "Voir vos données"),
}
ERASURE = {
    "en": ("Please confirm: erase my data", "See what would be erased"),
    "fr": ("À confirmer : effacer mes données", "Voir ce qui serait effacé"),
}
LABELS = {
    "en": ("Your name", "E-mail", "Your local"),
    "fr": ("Votre nom", "Courriel", "Votre section locale"),
}
LONG_WORD = "Lebensversicherungsgesellschaftsangestellte"
"""What somebody needs, in one word that is wider than a telephone."""


@pytest.fixture
def admin(visitors: Visitors, site: Site) -> Page:
    page = visitors.come()
    sign_in(page, site.account("admin"))
    return page


@pytest.fixture(scope="module")
def session_id(browser: Browser, site: Site) -> str:
    visitors = Visitors(browser, site.url, patience_ms=15_000)
    staff = visitors.come()
    sign_in(staff, site.account("coordinator"))
    made = publish_a_session(staff, "Everything About Me")
    visitors.leave()
    return made


def sign_up_in(page: Page, language: str, session_id: str, name: str) -> str:
    """Sign up on the form in this language, in which mail comes as well; returns the address."""
    page.goto(f"/sign-up/{session_id}?lang={language}")
    email = f"{name.lower()}.{language}.own.data.and.nothing.else@example.org"
    for label, text in zip(LABELS[language], (name, email, "342"), strict=True):
        box(page, label).fill(text)
    page.locator("#needs").fill(LONG_WORD)
    press(page, page.get_by_role("main").get_by_role("button").last)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()
    return email


def press(page: Page, button: Locator) -> None:
    with page.expect_navigation():
        button.click()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_members_own_data_are_read_and_erased_on_pages_open_to_everybody(
    visitors: Visitors, admin: Page, session_id: str, language: str
) -> None:
    page = visitors.come(locale=f"{language}-CA")
    email = sign_up_in(page, language, session_id, "Odo")
    page.goto(link_in_mail(admin, email, *OWN_PAGE[language]))
    page.goto(f"{page.url}/data")
    problems = problems_of(page, language)
    press(page, page.locator('form[action$="/data/export"] button'))
    problems += problems_of(page, language)
    page.goto(link_in_mail(admin, email, *DATA[language]))
    expect(page.get_by_role("main")).to_contain_text(LONG_WORD)
    problems += problems_of(page, language)
    file = page.request.get(page.url + "/file")
    assert (file.status, file.json()["email"]) == (200, email)
    page.goto(page.url)
    own = visitors.come(storage_state=page.context.storage_state())
    own.goto(link_in_mail(admin, email, *OWN_PAGE[language]))
    own.goto(f"{own.url}/data")
    own.locator("details.confirm summary").click()
    problems += problems_of(own, language)
    press(own, own.locator('form[action$="/data/erasure"] button'))
    link = link_in_mail(admin, email, *ERASURE[language])
    page.goto(link)
    problems += problems_of(page, language)
    press(page, page.locator('form[action$="/erase"] button'))
    problems += problems_of(page, language)
    assert problems == []


@pytest.mark.parametrize("language", ["fr"])
def test_what_administrators_do_about_somebodys_data_is_on_pages_open_to_everybody(
    visitors: Visitors, admin: Page, session_id: str, language: str
) -> None:
    email = sign_up_in(visitors.come(locale=f"{language}-CA"), language, session_id, "Uta")
    admin.goto(f"/staff/sessions/{session_id}?lang={language}")
    admin.get_by_role("row", name=email).get_by_role("link").first.click()
    person = admin.url
    for summary in admin.locator("#data summary").all():
        summary.click()
    problems = problems_of(admin, language)
    press(admin, admin.locator('form[action$="/data/export"] button'))
    expect(admin.locator(".notice").first).to_be_visible()
    problems += problems_of(admin, language)
    admin.locator("#data summary").first.click()
    admin.locator("#export-reason").fill("Asked by telephone")
    press(admin, admin.locator('form[action$="/data/export"] button'))
    expect(admin.get_by_role("main")).to_contain_text(email)
    problems += problems_of(admin, language)
    admin.goto(person)
    admin.locator("#data summary").last.click()
    admin.locator("#erase-reason").fill("Asked by letter")
    press(admin, admin.locator('form[action$="/data/erase"] button'))
    problems += problems_of(admin, language)
    assert problems == []
