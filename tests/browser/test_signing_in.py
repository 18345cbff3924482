"""Signing in from the keyboard, in both languages: the second step, and a forgotten password."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking_closely import problems_of
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import link_in_mail, sign_in
from tests.system.launcher import environment, turnout

PASSWORD, NEW_PASSWORD = "nine slow barges of gravel", "seven green kettles sing"
NEXT_STEP = timedelta(seconds=30)
WORDS = {
    "en": ("Go on", "I have kept them: go on", "I do not have my app here"),
    "fr": (
        "Continuer",
        "Je les ai conservés : continuer",
        "Je n’ai pas mon application sous la main",
    ),
}
FORGOTTEN = {
    "en": ("Forgotten your password?", "Choose a new password"),
    "fr": ("Mot de passe oublié?", "Choisir un nouveau mot de passe"),
}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_second_step_is_set_up_and_used_by_keyboard_on_pages_open_to_everybody(
    visitors: Visitors, site: Site, language: str
) -> None:
    go_on, kept, not_here = WORDS[language]
    email = an_account(site, language, "second.step")
    page = visitors.come(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/staff/sign-in?lang={language}")
    give_password(page, email)
    problems = problems_of(page, language)  # With the notice that a second step is needed.
    page.goto("/staff/account")
    problems += problems_of(page, language)
    begin(page, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    page.locator("#second_factor-present").fill(PASSWORD)
    send(page)
    app = pyotp.TOTP(page.locator("#secret").inner_text().replace(" ", ""))
    problems += problems_of(page, language)
    paste(page, "#code", app.now())
    send(page)
    recovery_codes = page.locator(".codes code").all_inner_texts()
    problems += problems_of(page, language)
    with page.expect_navigation():
        page.get_by_role("link", name=kept).press("Enter")
    problems += problems_of(page, language)
    with page.expect_navigation():
        page.locator(".sign-out button").press("Enter")

    page.goto("/staff/sign-in")
    give_password(page, email)
    problems += problems_of(page, language)
    assert page.locator("#code").get_attribute("autocomplete") == "one-time-code"
    page.get_by_text(not_here).press("Enter")
    page.locator("#recovery_code").fill("none of them")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    code = app.at(datetime.now(UTC) + NEXT_STEP)
    paste(page, "#code", f"{code[:3]} {code[3:]}")
    page.get_by_role("button", name=go_on).press("Enter")
    expect(page.get_by_role("link", name="Signe Ihn")).to_be_visible()
    assert len(recovery_codes) == 8
    assert problems == []


def an_account(site: Site, language: str, name: str) -> str:
    """Of its own: once it has a second step, a password is not enough for other tests."""
    email = f"{name}.{language}@example.org"
    about = ("--name", "Signe Ihn", "--role", "coordinator", "--password", PASSWORD)
    about += ("--language", language)
    done = turnout("staff", "add", email, *about, env=environment(site.data, 8000))
    assert done.returncode == 0, done.stderr
    return email


def give_password(page: Page, email: str, password: str = PASSWORD) -> None:
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    send(page)


def send(page: Page) -> None:
    """Press Enter in the field that was filled in last."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def begin(page: Page, password: str) -> None:
    """Open the first question of the second step, and answer it with a password."""
    page.locator("#second-step summary").first.press("Enter")
    page.locator("#second_factor-present").fill(password)
    send(page)


def paste(page: Page, field: str, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(field).press("ControlOrMeta+V")
    expect(page.locator(field)).to_have_value(text)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_forgotten_password_is_replaced_by_keyboard_on_pages_open_to_everybody(
    visitors: Visitors, site: Site, language: str
) -> None:
    forgotten, subject = FORGOTTEN[language]
    email = an_account(site, language, "forgetful")
    page = visitors.come()
    page.goto(f"/staff/sign-in?lang={language}")
    with page.expect_navigation():
        page.get_by_role("link", name=forgotten).press("Enter")
    problems = problems_of(page, language)
    page.locator("#email").press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    page.locator("#email").fill(email)
    send(page)
    problems += problems_of(page, language)  # The sign-in again, with the words of the answer.

    admin = visitors.come()
    sign_in(admin, site.account("admin"))
    link = link_in_mail(admin, email, subject, subject)
    page.goto(link)
    assert len(urlsplit(page.url).path) < 100, "the link has left the address"
    problems += problems_of(page, language)
    page.locator("#new_password").fill("short")
    send(page)
    expect(page.get_by_role("alert")).to_be_visible()
    problems += problems_of(page, language)
    page.locator("#new_password").fill(NEW_PASSWORD)
    page.locator("#repeated").fill(NEW_PASSWORD)
    send(page)
    answer = page.goto(link)
    assert answer is not None
    assert answer.status == 410
    problems += problems_of(page, language)
    page.goto("/staff/sign-in")
    give_password(page, email, NEW_PASSWORD)
    expect(page.get_by_role("link", name="Signe Ihn")).to_be_visible()
    assert problems == []
