"""Takes the README's pictures from a demonstration site: `python -m infra.pictures`."""

import os
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import click
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from infra.chromium import open_browser
from infra.composition import opened
from infra.first_accounts import read_accounts
from infra.readiness import wait_until_ready
from infra.refusal import Refusal
from services.chassis.config import Settings, read_settings
from services.documents.roster_pdf import roster_picture
from services.registration.rosters import roster_of

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
WORKSHOP, FULL_WORKSHOP = "Steward Basics", "Welcome to Your Union"
_PATIENCE_MS = 30_000
_PHONE_WIDTH, _PHONE_HEIGHT = 390, 844
_MOUNT = """
body { margin: 32px; display: flex; gap: 32px; background: #e9dfcc; }
img { border-radius: 24px; box-shadow: 0 0 0 1px #0003; }
"""


@dataclass(frozen=True)
class Member:
    """Somebody who signs up; all of them are invented."""

    name: str
    local: str
    role: str = ""
    phone: str = ""
    needs: str = ""

    @property
    def email(self) -> str:
        """An address that can never exist."""
        return f"{self.name.split()[0].lower()}@example.org"


MEMBERS = (
    Member("Amara Okafor", "342", "Steward", "416 555-0101"),
    Member("Benoit Lavigne", "601", "Recording secretary"),
    Member("Chen Wei", "1207", "Steward", "519 555-0123", "Vegetarian meals, please."),
    Member("Dalia Haddad", "233", "", "647 555-0147"),
    Member("Eero Niemi", "512", "Trustee"),
    Member("Farah Siddiqui", "1044", "Steward", "705 555-0155"),
    Member("Grace Littlechild", "1523", "President", "807 555-0160", "Step-free access."),
    Member("Hugo Marchand", "839"),
)
PHOTOGRAPHED = Member("Imani Clarke", "Forest City Social Services", "Steward", "226 555-0172")


@click.command()
def main() -> None:
    """Take the pictures of the README anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        with _demonstration() as settings:
            session_id = _people_sign_up(browser, settings)
            _keep("form", _form(browser, settings, session_id))
            _keep("calendar", _calendar(browser, settings))
            _keep("mail", _mail(browser, settings))
            _keep("roster", _roster(settings, session_id))
        browser.close()


def _keep(name: str, picture: bytes) -> None:
    path = FOLDER / f"{name}.png"
    path.write_bytes(picture)
    click.echo(f"{path.name}: {len(picture) // 1024} kB")


def _environment(data: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "TURNOUT_BASE_URL": "http://workshops.example.org",  # What the mail says.
        "TURNOUT_DATA": str(data),
        "TURNOUT_PORT": str(port),
        "TURNOUT_SIGN_UP_LIMIT": "off",
    }


@contextmanager
def _demonstration() -> Iterator[Settings]:
    """A demonstration site of our own; it and its data are gone at the end."""
    with TemporaryDirectory(prefix="turnout-pictures-") as folder:
        ours = _environment(Path(folder))
        kept = {name: text for name, text in os.environ.items() if not name.startswith("TURNOUT_")}
        command = [sys.executable, "-m", "infra", "run"]
        site = subprocess.Popen(  # noqa: S603 - our own command
            command, env=kept | ours, stdout=subprocess.DEVNULL
        )
        settings = read_settings(ours)
        try:
            if problems := wait_until_ready(settings, alive=lambda: site.poll() is None):
                raise Refusal("; ".join(problems))
            yield settings
        finally:
            site.send_signal(signal.SIGINT)
            site.wait()


@contextmanager
def _visitor(
    browser: Browser, settings: Settings, *, width: int = 1280, height: int = 1100
) -> Iterator[Page]:
    """Somebody with a sharp screen of this size and cookies of their own."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{settings.port}",
        locale="en-CA",
        viewport={"width": width, "height": height},
        device_scale_factor=2,
    )
    context.set_default_timeout(_PATIENCE_MS)
    with context:
        yield context.new_page()


def _people_sign_up(browser: Browser, settings: Settings) -> UUID:
    """Fill some seats of a workshop, and all of another; returns the session of the first."""
    session_ids = _sessions(browser, settings)
    for title, members in ((WORKSHOP, MEMBERS), (FULL_WORKSHOP, MEMBERS[:3])):
        for member in members:
            with _visitor(browser, settings) as page:
                page.goto(f"/sign-up/{session_ids[title]}")
                _fill_in(page, member)
                _send(page)
    return UUID(session_ids[WORKSHOP])


def _sessions(browser: Browser, settings: Settings) -> dict[str, str]:
    """The first session of each title in the calendar."""
    found: dict[str, str] = {}
    with _visitor(browser, settings) as page:
        page.goto("/")
        while not {WORKSHOP, FULL_WORKSHOP} <= found.keys():
            for link in page.get_by_role("article").get_by_role("link").all():
                address = link.get_attribute("href") or ""
                found.setdefault(link.inner_text(), address.rpartition("/")[2])
            page.get_by_role("link", name="Next month").click()
    return found


def _fill_in(page: Page, member: Member) -> None:
    page.get_by_label("Your name").fill(member.name)
    page.get_by_role("textbox", name="E-mail").fill(member.email)
    page.get_by_label("Your local").fill(member.local)
    page.get_by_label("Elected role").fill(member.role)
    page.get_by_label("Telephone", exact=False).first.fill(member.phone)
    if member.phone:
        page.get_by_label("The facilitator may see").check()
    page.get_by_label("What do you need").fill(member.needs)


def _send(page: Page) -> None:
    page.get_by_role("main").get_by_role("button").last.click()
    page.get_by_role("heading", name="You are").wait_for()


def _form(browser: Browser, settings: Settings, session_id: UUID) -> bytes:
    """The form on a phone, and its answer beside it."""
    with _visitor(browser, settings, width=_PHONE_WIDTH, height=_PHONE_HEIGHT) as page:
        page.goto(f"/sign-up/{session_id}")
        _fill_in(page, PHOTOGRAPHED)
        page.evaluate("document.activeElement.blur()")
        page.get_by_label("Your name").evaluate("each => each.form.scrollIntoView()")
        form = page.screenshot()
        _send(page)
        answer = page.screenshot()
    return _side_by_side(browser, settings, [form, answer])


def _side_by_side(browser: Browser, settings: Settings, phones: list[bytes]) -> bytes:
    images = "".join(
        f'<img src="data:image/png;base64,{b64encode(each).decode()}" width="{_PHONE_WIDTH}">'
        for each in phones
    )
    width = len(phones) * (_PHONE_WIDTH + 32) + 32
    with _visitor(browser, settings, width=width, height=_PHONE_HEIGHT + 64) as page:
        page.set_content(f"<style>{_MOUNT}</style>{images}")
        return page.screenshot()


def _calendar(browser: Browser, settings: Settings) -> bytes:
    """The month after the one that the calendar opens with: that may be nearly over."""
    with _visitor(browser, settings) as page:
        page.goto("/")
        page.get_by_role("link", name="Next month").click()
        page.get_by_role("heading", name="Workshop calendar").wait_for()
        return page.screenshot()


def _mail(browser: Browser, settings: Settings) -> bytes:
    """The confirmation as its reader sees it."""
    account = read_accounts(settings.data)[0]
    with _visitor(browser, settings, width=700, height=900) as page:
        page.goto("/staff/sign-in?next=/mailbox")
        page.get_by_role("textbox", name="E-mail").fill(account.email)
        page.get_by_label("Password").fill(account.password)
        page.get_by_role("button", name="Sign in").click()
        mails = page.get_by_role("main").get_by_role("link").filter(has_text=PHOTOGRAPHED.email)
        _until_there(page, mails)
        mails.first.click()
        frame = page.get_by_title("The message as its reader sees it")
        page.goto(frame.get_attribute("src") or "")
        return page.screenshot(full_page=True)


def _until_there(page: Page, wanted: Locator) -> None:
    """Load the page again until something is on it: mail takes a moment."""
    page.get_by_role("heading", level=1, name="Mailbox").wait_for()
    give_up_at = time.monotonic() + _PATIENCE_MS / 1000
    while not wanted.count():
        if time.monotonic() > give_up_at:
            raise Refusal(f"the mail to {PHOTOGRAPHED.email} did not arrive")
        page.reload()


def _roster(settings: Settings, session_id: UUID) -> bytes:
    """The first page of the PDF."""
    with opened("registration", settings) as runtime, runtime.database.reading() as db:
        roster = roster_of(db, session_id, language="en", now=datetime.now(UTC))
    return roster_picture(roster, dots_per_inch=140)


if __name__ == "__main__":
    main()
