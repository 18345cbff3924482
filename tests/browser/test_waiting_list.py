"""The waiting list as those in it live it: in line, asked, in."""

from playwright.sync_api import Page, expect

from tests.browser.member_steps import YOUR_PAGE, address_of, sign_up
from tests.browser.site import Visitors
from tests.browser.staff_steps import link_in_mail, open_mail, publish_a_session


def test_a_cancelled_seat_is_offered_to_the_next_who_takes_it_by_the_link(
    visitors: Visitors, coordinator: Page
) -> None:
    session_id = publish_a_session(coordinator, "Chairing a Meeting", seats=1)

    first = visitors.come()
    sign_up(first, session_id, "Ines Premier")
    expect(first.get_by_role("heading", level=1)).to_have_text("You are confirmed")

    second = visitors.come()
    sign_up(second, session_id, "Omar Second")
    expect(second.get_by_role("heading", level=1)).to_have_text("You are first on the waiting list")
    waiting = link_in_mail(
        coordinator, address_of("Omar Second"), "You are number 1 on the waiting list", YOUR_PAGE
    )

    first.goto(link_in_mail(coordinator, address_of("Ines Premier"), "You have a place", YOUR_PAGE))
    first.locator("summary", has_text="Cancel my place").click()
    first.get_by_role("button", name="Yes, cancel my place").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("Your place is cancelled")

    offer = link_in_mail(
        coordinator, address_of("Omar Second"), "A seat for you", "Accept or decline the seat"
    )
    assert offer == waiting, "one link serves a member from first to last"
    second.goto(offer)
    expect(second.get_by_role("heading", level=1)).to_have_text("A seat is kept for you")
    expect(second.get_by_text("Please answer by")).to_be_visible()
    second.get_by_role("button", name="Take the seat").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("You are confirmed")
    link_in_mail(coordinator, address_of("Omar Second"), "You have a place", YOUR_PAGE)
    farewell = open_mail(coordinator, address_of("Ines Premier"), "Chairing a Meeting")
    expect(farewell.get_by_role("heading", level=1)).to_contain_text("cancelled")
