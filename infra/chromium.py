"""Finds the Chromium of this machine, for the README's pictures and for the browser tests."""

import shutil

from playwright.sync_api import Browser, Playwright

from infra.refusal import Refusal

HOW_TO_GET_IT = "apt install chromium"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",  # Containers run as root, where Chromium refuses to start with its sandbox.
    "--disable-background-networking",
    "--disable-gpu",
)


def find_chromium() -> str | None:
    """The path of the first one that is installed."""
    return next((path for path in map(shutil.which, _NAMES) if path), None)


def open_browser(playwright: Playwright) -> Browser:
    """Start it without a window; Refusal when there is none."""
    path = find_chromium()
    if path is None:
        raise Refusal(f"there is no Chromium on this machine; to get it: {HOW_TO_GET_IT}")
    return playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
