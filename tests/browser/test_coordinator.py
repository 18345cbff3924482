"""The coordinator's day: the listing comes in, is put right, and goes public."""

from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.site import Visitors
from tests.browser.staff_steps import in_days

REAL_LISTING = Path(__file__).parents[1] / "unit" / "listing" / "listing.txt"
MAPPING, BUDGETS = "Mapping Your Workplace", "Budgets in Plain Words"


def written(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def a_small_listing() -> str:
    """Two workshops ahead; the second is listed in a town and described as online."""
    first = in_days()
    return (
        f"{written(first)} | Union Hall, Sudbury, Ontario | English | $20\n"
        f"{MAPPING}\nIn this 6-hour workshop you draw your workplace and find who is missing.\n"
        f"{written(first + timedelta(days=1))} | Renfrew, Ontario | English | $20\n"
        f"{BUDGETS}\nThis online workshop takes you through a local's budget, line by line.\n"
    )


def paste(page: Page, listing: str) -> None:
    page.goto("/staff/workshops")
    page.get_by_role("link", name="Import a listing").click()
    page.get_by_label("The listing").fill(listing)
    page.get_by_role("button", name="Look it over").click()


def test_the_real_listing_is_looked_over_and_becomes_twelve_flagged_drafts(
    coordinator: Page,
) -> None:
    paste(coordinator, REAL_LISTING.read_text("utf-8"))
    expect(coordinator.get_by_role("heading", name="New (12)")).to_be_visible()
    left_over = coordinator.get_by_role("region", name="Lines left over (2)")
    expect(left_over).to_contain_text("Our social site pages")
    coordinator.get_by_role("button", name="Import this").click()
    expect(coordinator.get_by_role("status")).to_contain_text("12 new drafts.")

    coordinator.locator("summary", has_text="Drafts whose days have passed (12)").click()
    past = coordinator.get_by_role("region", name="Drafts whose days have passed")
    expect(past.get_by_role("row")).to_have_count(12 + 1)
    expect(past.get_by_text("The listing gives no title.")).to_have_count(10)
    expect(past.get_by_text("Listed in a place and described as online")).to_have_count(1)

    paste(coordinator, REAL_LISTING.read_text("utf-8"))
    expect(coordinator.get_by_text("There is nothing to import.")).to_be_visible()


def test_drafts_are_settled_given_hours_and_seats_together_and_published(
    coordinator: Page, visitors: Visitors
) -> None:
    paste(coordinator, a_small_listing())
    coordinator.get_by_role("button", name="Import this").click()
    expect(coordinator.get_by_role("status")).to_contain_text("2 new drafts.")

    settle_the_place(coordinator)
    give_hours_and_seats(coordinator)
    publish_both(coordinator)
    look_into_the_calendar(visitors.come())


def settle_the_place(page: Page) -> None:
    page.get_by_role("link").filter(has_text=f"Edit: {BUDGETS}").click()
    expect(page.get_by_role("heading", name="To settle")).to_be_visible()
    page.get_by_role("radio", name="In person").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="To settle")).to_have_count(0)


def give_hours_and_seats(page: Page) -> None:
    page.goto("/staff/workshops")
    for title in (MAPPING, BUDGETS):
        page.get_by_role("checkbox", name=f"Choose: {title}").check()
    page.locator("summary", has_text="Give many drafts the same hours").click()
    page.get_by_label("Starts each day").fill("09:00")
    page.get_by_label("Ends each day").fill("16:00")
    page.get_by_label("Seats").fill("20")
    page.get_by_role("button", name="Give this to the drafts ticked").click()
    drafts = page.get_by_role("region", name="Drafts to review", exact=True)
    for title in (MAPPING, BUDGETS):
        row = drafts.get_by_role("row").filter(has_text=title)
        expect(row.get_by_text("9:00 to 16:00")).to_be_visible()
        expect(row.get_by_text("Ready to publish")).to_be_visible()


def publish_both(page: Page) -> None:
    for title in (MAPPING, BUDGETS):
        page.get_by_role("checkbox", name=f"Choose: {title}").check()
    page.get_by_role("button", name="Publish the drafts ticked").click()
    public = page.get_by_role("region", name="In the calendar", exact=True)
    for title in (MAPPING, BUDGETS):
        expect(public.get_by_role("link", name=title)).to_be_visible()


def look_into_the_calendar(visitor: Page) -> None:
    visitor.goto("/")
    wanted = f"{in_days():%B %Y}"
    while not visitor.get_by_role("heading", level=2, name=wanted, exact=True).count():
        visitor.get_by_role("link", name="Next month").click()
    card = visitor.get_by_role("article").filter(has_text=MAPPING)
    expect(card).to_contain_text("20 seats left")
    card.get_by_role("link", name=MAPPING).click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text(MAPPING)
    expect(visitor.get_by_role("link", name="Sign up", exact=True)).to_be_visible()
