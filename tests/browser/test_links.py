"""A link from a mail in a real browser: gone from the address, the referrer, and every log."""

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.member_steps import YOUR_PAGE, address_of, sign_up
from tests.browser.site import Site, Visitors
from tests.browser.staff_steps import link_in_mail, publish_a_session


def logs(site: Site) -> str:
    return "\n".join(path.read_text("utf-8") for path in Path(site.data, "log").glob("*.log"))


def test_a_link_from_a_mail_is_in_the_address_for_one_request_only(
    site: Site, visitors: Visitors, coordinator: Page
) -> None:
    title = "Links Leave"
    session_id = publish_a_session(coordinator, title)
    member = visitors.come()
    sign_up(member, session_id, "Lia Zwölfte")
    link = link_in_mail(coordinator, address_of("Lia Zwölfte"), title, YOUR_PAGE)
    member.goto(link)
    expect(member.get_by_role("heading", level=1)).to_have_text("You are confirmed")
    token = link.rpartition("/")[2]
    assert token not in member.url
    assert token not in member.content()
    member.get_by_role("link", name="See the session").click()
    assert member.evaluate("document.referrer") == ""
    member.go_back()
    expect(member.get_by_role("heading", level=1)).to_have_text("You are confirmed")
    assert token not in member.url
    stranger = visitors.come()
    stranger.goto(member.url)
    expect(stranger.get_by_role("heading", level=1)).to_have_text(
        "Please open the link in your mail"
    )
    assert token not in logs(site)
    assert logs(site)
