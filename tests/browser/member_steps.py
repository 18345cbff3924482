"""What members do again and again, each step through the pages as a person takes it."""

from playwright.sync_api import Locator, Page, expect

YOUR_PAGE = "See or change your sign-up"
"""The button in every mail to a member with a place."""


def address_of(name: str) -> str:
    """An address that nobody else in these tests has."""
    return f"{name.lower().replace(' ', '.')}@example.org"


def box(page: Page, label: str) -> Locator:
    """A field to type in by its label, whether or not it offers words or may stay empty."""
    return page.get_by_role("textbox", name=label).or_(page.get_by_role("combobox", name=label))


def fill_in(page: Page, name: str, *, local: str = "342") -> None:
    """Type what the sign-up form needs."""
    box(page, "Your name").fill(name)
    box(page, "E-mail").fill(address_of(name))
    box(page, "Your local").fill(local)


def sign_up(page: Page, session_id: str, name: str, *, wants_news: bool = False) -> None:
    """From the session's own page to the answer."""
    page.goto(f"/sessions/{session_id}")
    page.get_by_role("link", name="Sign up").or_(
        page.get_by_role("link", name="Join the waiting list")
    ).click()
    fill_in(page, name)
    if wants_news:
        page.get_by_role("checkbox", name="Tell me by e-mail about new workshops").check()
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("You are")


def heading(page: Page) -> str:
    """The large answer at the top."""
    return page.get_by_role("heading", level=1).inner_text()
