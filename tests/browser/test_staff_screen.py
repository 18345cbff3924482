"""What staff see of a session and do with it: people, reasons, seats, rosters."""

import csv
import io
from pathlib import Path

import openpyxl
import pypdf
from playwright.sync_api import Locator, Page, expect

from tests.browser.member_steps import sign_up
from tests.browser.site import Visitors
from tests.browser.staff_steps import open_mail, publish_a_session
from tests.facts import eventually

REASON = "Asked by telephone; the seat is for a new steward."


def with_people(coordinator: Page, visitors: Visitors, title: str, *names: str) -> str:
    """A session with one seat, and people in the order in which they came."""
    session_id = publish_a_session(coordinator, title, seats=1)
    for name in names:
        sign_up(visitors.come(), session_id, name)
    coordinator.goto(f"/staff/sessions/{session_id}")
    return session_id


def section(page: Page, name: str) -> Locator:
    """A list of people by its heading."""
    return page.get_by_role("region", name=name, exact=True)


def test_an_action_is_done_for_a_reason_that_the_history_keeps(
    coordinator: Page, visitors: Visitors
) -> None:
    with_people(coordinator, visitors, "Note Taking", "Ada Erste", "Bo Zweite")
    expect(section(coordinator, "Confirmed")).to_contain_text("Ada Erste")
    expect(section(coordinator, "Waiting list")).to_contain_text("Bo Zweite")

    coordinator.get_by_role("link", name="Open Bo Zweite").click()
    coordinator.get_by_label("Action").select_option("Hold back")
    coordinator.get_by_role("button", name="Do it").click()
    expect(coordinator.get_by_role("alert")).to_contain_text("Please fill this in.")
    coordinator.get_by_role("textbox", name="Reason").fill(REASON)
    coordinator.get_by_role("button", name="Do it").click()
    expect(coordinator.get_by_role("status")).to_have_text("Done, and kept in the history.")
    expect(section(coordinator, "Waiting list")).to_contain_text(f"held back – {REASON}")
    coordinator.get_by_role("link", name="Open Bo Zweite").click()
    expect(coordinator.get_by_role("listitem").filter(has_text="held back")).to_contain_text(REASON)


def test_more_seats_go_to_those_who_wait(coordinator: Page, visitors: Visitors) -> None:
    people = ("Cem Dritte", "Dee Vierte", "Eli Fuenfte")
    session_id = with_people(coordinator, visitors, "Public Speaking", *people)
    coordinator.locator("summary", has_text="Change the capacity").click()
    expect(coordinator.get_by_label("Seats")).to_have_value("1")
    coordinator.get_by_label("Seats").fill("2")
    coordinator.get_by_role("textbox", name="Reason").fill("A larger room.")
    coordinator.get_by_role("button", name="Change the capacity").click()

    def promoted() -> None:
        coordinator.goto(f"/staff/sessions/{session_id}")
        assert section(coordinator, "Offered").count()

    eventually(promoted, within=20)
    expect(section(coordinator, "Offered")).to_contain_text("Dee Vierte")
    expect(section(coordinator, "Waiting list")).to_contain_text("Eli Fuenfte")
    open_mail(coordinator, "dee.vierte@example.org", "A seat for you")


def test_the_roster_is_downloaded_as_pdf_xlsx_and_csv_and_mailed_on_demand(
    coordinator: Page, visitors: Visitors
) -> None:
    title = "Minute Taking"
    with_people(coordinator, visitors, title, "Fay Sechste", "Gil Siebte")
    readers = {"PDF": words_of_pdf, "XLSX": words_of_xlsx, "CSV": words_of_csv}
    for name, words_of in readers.items():
        with coordinator.expect_download() as download:
            coordinator.get_by_role("link", name=name, exact=True).click()
        words = words_of(download.value.path())
        assert "Fay Sechste" in words, name
        assert "Gil Siebte" not in words, f"{name}: somebody who waits is not on the list"

    coordinator.get_by_role("button", name="Mail it now").click()
    expect(coordinator.get_by_role("status")).to_contain_text("The roster is on its way")
    mail = open_mail(coordinator, "facilitator@example.org", f"Roster: {title}")
    expect(mail.get_by_role("heading", level=1)).to_contain_text("(1 of 1)")
    with coordinator.expect_download() as attached:
        coordinator.get_by_role("link", name=".pdf").click()
    assert "Fay Sechste" in words_of_pdf(attached.value.path())


def words_of_pdf(path: Path) -> str:
    return " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


def words_of_xlsx(path: Path) -> str:
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    rows = [row for sheet in book for row in sheet.iter_rows(values_only=True)]
    return " ".join(str(cell) for row in rows for cell in row if cell is not None)


def words_of_csv(path: Path) -> str:
    rows = csv.reader(io.StringIO(path.read_text("utf-8-sig")))
    return " ".join(cell for row in rows for cell in row)
