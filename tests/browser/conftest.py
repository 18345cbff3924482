"""Chromium and one demonstration site for all journeys; without Chromium they are left out."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from infra.chromium import HOW_TO_GET_IT, find_chromium, open_browser
from tests.browser.site import Site, Visitors, a_demonstration
from tests.browser.staff_steps import sign_in

PATIENCE_MS = 15_000
LEFT_OUT = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run here; in CI nothing may be left out, so that is an error."""
    if find_chromium() is not None:
        return
    left_out = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if left_out and os.environ.get("CI"):
        raise pytest.UsageError(f"{_missing(len(left_out))} In CI they must run.")
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say so at the end, where people look."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(_missing(count), yellow=True)


def _missing(count: int) -> str:
    tests = "1 browser test" if count == 1 else f"{count} browser tests"
    return f"Left out, as there is no Chromium here: {tests}. To get it: {HOW_TO_GET_IT}."


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = open_browser(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_demonstration(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Visitors]:
    visitors = Visitors(browser, site.url, patience_ms=PATIENCE_MS)
    yield visitors
    visitors.leave()
    assert visitors.complaints == []


@pytest.fixture(scope="package")
def coordinators_cookies(browser: Browser, site: Site) -> StorageState:
    """What the coordinator's browser keeps after signing in, so that one sign-in serves all."""
    visitors = Visitors(browser, site.url, patience_ms=PATIENCE_MS)
    page = visitors.come()
    sign_in(page, site.account("coordinator"))
    cookies = page.context.storage_state()
    visitors.leave()
    return cookies


@pytest.fixture
def coordinator(visitors: Visitors, coordinators_cookies: StorageState) -> Page:
    return visitors.come(storage_state=coordinators_cookies)
