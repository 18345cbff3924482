"""A mail comes back: the coordinator is told, asks for the address, and corrects it."""

from playwright.sync_api import Page, expect

from tests.browser.member_steps import address_of, sign_up
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import mail_id_of, open_mail, publish_a_session
from tests.facts import eventually

NAME, RIGHT = "Yara Vertippt", "yara@example.org"
SECONDS = 10
"""Within which a mail that came back is marked and becomes a task."""


def test_a_mail_that_came_back_is_a_task_that_a_corrected_address_settles(
    site: Site, coordinator: Page, visitors: Visitors
) -> None:
    session_id = publish_a_session(coordinator, "Reading Budgets")
    sign_up(visitors.come(), session_id, NAME)
    open_mail(coordinator, address_of(NAME), "You have a place")
    site.report(coordinator.request, "bounce", mail_id_of(coordinator, address_of(NAME)))

    def is_marked() -> None:
        coordinator.goto(f"/staff/sessions/{session_id}")
        assert coordinator.get_by_text("mail does not arrive").count()

    eventually(is_marked, within=SECONDS)
    heading = coordinator.get_by_role("heading", name="Mail does not reach one person here")
    expect(heading).to_be_visible()
    coordinator.get_by_role("link", name="Tasks").click()
    coordinator.get_by_role("link", name=f"Correct the address of {NAME}").click()
    expect(coordinator.get_by_role("main")).to_contain_text("550 5.1.1 no such user")
    coordinator.get_by_label("New e-mail address").fill(RIGHT)
    coordinator.locator("#address").get_by_label("Reason").fill("Spelt out on the telephone.")
    coordinator.get_by_role("button", name="Correct the address").click()
    expect(coordinator.get_by_role("status")).to_contain_text("The address is corrected.")

    open_mail(coordinator, RIGHT, "You have a place")
    coordinator.goto("/staff/tasks")
    settled = coordinator.get_by_role("region", name="Settled lately")
    expect(settled).to_contain_text(NAME)
    expect(coordinator.get_by_role("link", name=f"Correct the address of {NAME}")).to_have_count(0)
    coordinator.goto(f"/staff/sessions/{session_id}")
    expect(coordinator.get_by_text("mail does not arrive")).to_have_count(0)
