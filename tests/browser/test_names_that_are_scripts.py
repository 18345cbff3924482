"""What scripts do in a real browser on a page that shows them as names: nothing."""

from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from services.chassis.web import create_app
from tests.databases import StartService
from tests.hostile.api_runs import served
from tests.hostile.conftest import registration_target
from tests.hostile.corpora.everything import as_kept
from tests.hostile.corpora.scripts import SCRIPTS
from tests.hostile.effort import report
from tests.registration.conftest import PASSWORD
from tests.registration.factories import an_entry, sign_up


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Watch:
    """What a page did beside being read."""

    def __init__(self, page: Page, url: str) -> None:
        self.did: list[str] = []
        self._ours = urlsplit(url).netloc
        page.on("dialog", lambda dialog: (self.did.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self._asked(request.url))
        page.on("popup", lambda popup: self.did.append(popup.url))

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc not in (self._ours, "") or urlsplit(url).scheme != "http":
            self.did.append(url)


def test_people_whose_names_are_scripts_are_listed_and_nothing_else_happens(
    start_service: StartService, browser: Browser
) -> None:
    target = registration_target(start_service)
    names = [as_kept(text) for text in SCRIPTS if as_kept(text).isprintable()]
    session_id, now = UUID(target.ids["session_id"]), datetime.now(UTC)
    with target.runtime.database.writing() as db:
        for number, name in enumerate(names):
            given = {"role": name, "needs": name, "organisation_name": name}
            entry = an_entry(name, email=f"member{number}@example.org", **given)
            sign_up(db, session_id, entry, now=now)
    with served(create_app(target.runtime)) as url:
        page = browser.new_page()
        watch = Watch(page, url)
        page.goto(f"{url}/staff/sign-in")
        page.fill("[name=email]", "coordinator@example.org")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.goto(f"{url}/staff/sessions/{session_id}")
        shown = page.locator("main").inner_text()
        page.close()
    report("scripts in a browser", len(names))
    assert watch.did == []
    assert [name for name in names if " ".join(name.split()) not in " ".join(shown.split())] == []
