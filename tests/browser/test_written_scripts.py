"""What scripts do in a real browser in the texts that staff write: nothing."""

import pytest
from playwright.sync_api import Browser

from services.catalog.app import SERVICE
from services.chassis.web import create_app
from tests.browser.test_names_that_are_scripts import Watch
from tests.catalog.factories import a_day, a_session
from tests.databases import StartService
from tests.hostile.api_runs import served
from tests.security.test_scripts import STORABLE, batches


@pytest.fixture(params=["sqlite"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_what_staff_write_is_read_and_nothing_else_happens(
    start_service: StartService, browser: Browser
) -> None:
    runtime = start_service(SERVICE)
    written = dict.fromkeys(
        ("description_en", "bring_en", "prerequisites_en"), "\n\n".join(STORABLE)
    )
    days = {"days": [a_day("2030-02-20")]}
    sessions = [
        a_session(runtime, title_en=text, venue=text, city=text, room=text, topic=text, **days)
        for text in batches()
    ]
    sessions.append(a_session(runtime, **written, **days))
    with served(create_app(runtime)) as url:
        page = browser.new_page()
        watch = Watch(page, url)
        for path in ("/?month=2030-02", *(f"/sessions/{each.id}" for each in sessions[-3:])):
            answer = page.goto(f"{url}{path}", wait_until="load")
            assert answer is not None
            assert answer.status == 200
            page.locator("main").hover()
        shown = page.locator("main").inner_text()
        page.close()
    assert watch.did == []
    assert "<script>alert(1)</script>" in shown
