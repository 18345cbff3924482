"""A coordinator writes to a group, tries the message, sends it and sees how far it has come."""

from playwright.sync_api import Page, expect

from tests.browser.member_steps import address_of, box, sign_up
from tests.browser.site import Visitors
from tests.browser.staff_steps import (
    link_in_mail,
    open_mail,
    publish_a_session,
    put_in_words,
    send_to_all,
    write_to,
)
from tests.facts import eventually

COORDINATOR = "coordinator@example.org"


def shows_sent(page: Page, count: int) -> None:
    """Look again until all are sent."""

    def all_sent() -> None:
        page.get_by_role("link", name="Look again").click()
        tally = page.get_by_role("region", name="How far it has come")
        assert f"Sent {count}" in " ".join(tally.inner_text().split())

    eventually(all_sent, within=20)


def test_a_message_to_those_who_wait_is_tried_sent_once_to_each_and_followed(
    coordinator: Page, visitors: Visitors
) -> None:
    session_id = publish_a_session(coordinator, "Strategic Letters", seats=1)
    for name in ("Una Sitzt", "Vic Wartet", "Wim Wartet"):
        sign_up(visitors.come(), session_id, name)

    body = "Dear {name},\n\nwe look for a larger room for {workshop}."
    write_to(coordinator, session_id, "waiting", subject="A larger room", body=body)
    main = coordinator.get_by_role("main")
    expect(main).to_contain_text("Vic Wartet, Wim Wartet")
    expect(main).to_contain_text("Dear Vic Wartet,")
    coordinator.get_by_role("button", name="Send a test to myself").click()
    expect(coordinator.get_by_role("status")).to_have_text(
        f"A test is on its way to {COORDINATOR} alone."
    )
    send_to_all(coordinator)
    shows_sent(coordinator, 2)
    found = coordinator.get_by_role("region", name="Messages found")
    expect(found.get_by_role("row")).to_have_count(1 + 2)
    expect(found).not_to_contain_text("Una Sitzt")

    open_mail(coordinator, COORDINATOR, "A larger room")
    for name in ("Vic Wartet", "Wim Wartet"):
        mail = open_mail(coordinator, address_of(name), "A larger room")
        expect(mail.locator("body")).to_contain_text(
            f"Dear {name}, we look for a larger room for Strategic Letters."
        )
    coordinator.goto("/staff/messages")
    expect(coordinator.get_by_role("link", name="Progress of “A larger room”")).to_be_visible()


def test_an_announcement_to_a_local_found_by_typing_can_be_ended_by_its_reader(
    coordinator: Page, visitors: Visitors
) -> None:
    session_id = publish_a_session(coordinator, "Speaking Up")
    member = visitors.come()
    sign_up(member, session_id, "Xenia Neugier", wants_news=True)

    coordinator.goto("/staff/messages")
    coordinator.get_by_role("link", name="Write to a local or an area").click()
    box(coordinator, "To which local or area").fill("steeltown hospital")
    put_in_words(coordinator, "The spring workshops", "Dear {name}, the list is out.")
    expect(coordinator.get_by_role("main")).to_contain_text("Xenia Neugier")
    send_to_all(coordinator)

    news = (address_of("Xenia Neugier"), "The spring workshops", "Stop these messages")
    member.goto(link_in_mail(coordinator, *news))
    member.get_by_role("button", name="Send me no more announcements").click()
    expect(member.get_by_role("heading", level=1)).to_have_text(
        "You will get no more announcements"
    )
