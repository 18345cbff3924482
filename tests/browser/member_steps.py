"""What members do again and again, each step through the pages as a person takes it."""

from playwright.sync_api import Page, expect

YOUR_PAGE = "See or change your sign-up"
"""The button in every mail to a member with a place."""


def address_of(name: str) -> str:
    """An address that nobody else in these tests has."""
    return f"{name.lower().replace(' ', '.')}@example.org"


def fill_in(page: Page, name: str, *, local: str = "342") -> None:
    """Type what the sign-up form needs."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(address_of(name))
    page.get_by_label("Your local").fill(local)


def sign_up(page: Page, session_id: str, name: str) -> None:
    """From the session's own page to the answer."""
    page.goto(f"/sessions/{session_id}")
    page.get_by_role("link", name="Sign up").or_(
        page.get_by_role("link", name="Join the waiting list")
    ).click()
    fill_in(page, name)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_contain_text("You are")


def heading(page: Page) -> str:
    """The large answer at the top."""
    return page.get_by_role("heading", level=1).inner_text()
