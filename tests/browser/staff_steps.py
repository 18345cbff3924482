"""What staff do again and again, each step through the pages as a person takes it."""

from datetime import UTC, date, datetime, timedelta

from playwright.sync_api import FrameLocator, Page, expect

from infra.first_accounts import FirstAccount
from tests.facts import eventually

SEVEN_WEEKS = 49
"""So far ahead that an offer's deadline is the usual one, and no holiday week of the demo's."""


def sign_in(page: Page, account: FirstAccount) -> None:
    page.goto("/staff/sign-in")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(account.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text(account.name)).to_be_visible()


def in_days(count: int = SEVEN_WEEKS) -> date:
    return datetime.now(UTC).date() + timedelta(days=count)


def publish_a_session(page: Page, title: str, *, seats: int = 20) -> str:
    """Make a workshop with one date by hand; returns the id that its addresses have."""
    page.goto("/staff/workshops")
    page.get_by_role("link", name="New workshop").click()
    page.get_by_label("Title in English").fill(title)
    page.get_by_role("button", name="Make the workshop").click()
    page.get_by_label("First day").fill(in_days().isoformat())
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_role("radio", name="In person").check()
    page.get_by_label("Venue").fill("Union Hall")
    page.get_by_label("Town").fill("Sudbury")
    page.get_by_label("Province").select_option("Ontario")
    page.get_by_role("combobox", name="Language", exact=True).select_option("English")
    page.get_by_label("Seats", exact=True).fill(str(seats))
    page.get_by_label("Fee for affiliated locals").fill("25")
    page.get_by_label("Fee for others").fill("30")
    page.get_by_role("textbox", name="Facilitator 1 (optional)").fill("Sam Facilitator")
    page.get_by_label("E-mail of facilitator 1").fill("facilitator@example.org")
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Published. Sign-up is open.")).to_be_visible()
    return _known_everywhere(page)


def publish_another_date(page: Page, session_id: str) -> None:
    """Copy a session to a day two weeks later, and publish the copy."""
    page.goto(f"/staff/workshops/sessions/{session_id}")
    page.locator("summary", has_text="Copy to another date").click()
    page.get_by_label("First day of the copy").fill(in_days(SEVEN_WEEKS + 14).isoformat())
    page.get_by_role("button", name="Make a draft").click()
    page.get_by_role("button", name="Save and publish").click()
    expect(page.get_by_text("Published. Sign-up is open.")).to_be_visible()


def _known_everywhere(page: Page) -> str:
    """Wait until registration has heard of the session too; returns its id."""
    address = page.get_by_role("link", name="See who signed up").get_attribute("href")

    def is_known() -> None:
        assert page.goto(address).status == 200

    eventually(is_known, within=20)
    return address.rpartition("/")[2]


def open_mail(staff: Page, to: str, subject: str) -> FrameLocator:
    """The newest mail with these words in its subject, as soon as the mailbox has it."""

    def arrived() -> None:
        staff.goto("/mailbox")
        assert mails.count(), f"no mail “{subject}” to {to}"

    mails = staff.get_by_role("main").get_by_role("link").filter(has_text=to)
    mails = mails.filter(has_text=subject)
    eventually(arrived, within=30)
    mails.first.click()
    expect(staff.get_by_role("heading", level=2, name=subject)).to_be_visible()
    return staff.frame_locator('iframe[title="The message as its reader sees it"]')


def mail_id_of(staff: Page, to: str) -> str:
    """The id of the newest mail to somebody, as the mail log has it."""
    staff.goto("/staff/mail/log")
    staff.get_by_role("searchbox", name="Name, address or session").fill(to)
    staff.get_by_role("button", name="Search").click()
    message = staff.get_by_role("region", name="Messages found").get_by_role("link").first
    return str(message.get_attribute("href")).rpartition("/")[2]


def write_to(staff: Page, session_id: str, group: str, *, subject: str, body: str) -> None:
    """A message in English to a group of a session, up to its preview."""
    staff.goto(f"/staff/sessions/{session_id}")
    staff.get_by_role("link", name="Write to a group").click()
    staff.get_by_role("combobox", name="To", exact=True).select_option(group)
    put_in_words(staff, subject, body)


def put_in_words(staff: Page, subject: str, body: str) -> None:
    """Write the message in English and look at it."""
    staff.get_by_label("Subject in English").fill(subject)
    staff.get_by_label("Message in English").fill(body)
    staff.get_by_role("button", name="Check the message").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Check the message")


def send_to_all(staff: Page) -> None:
    """From the preview to the page that shows how far the message has come."""
    staff.locator("summary", has_text="Send to").click()
    staff.get_by_role("button", name="Yes, send it now").click()
    expect(staff.get_by_role("heading", level=1)).to_have_text("Message to a group")


def link_in_mail(staff: Page, to: str, subject: str, link: str) -> str:
    """Where a button in somebody's mail leads."""
    address = open_mail(staff, to, subject).get_by_role("link", name=link).get_attribute("href")
    assert address is not None
    return address
