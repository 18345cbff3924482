"""Every kind of mail in a browser: it fits a phone and can be read, on light and dark screens."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from services.chassis.i18n import LANGUAGES
from services.notify.gallery import sample_letter
from services.notify.kinds import KINDS
from services.notify.letterhead import letterhead_with
from services.notify.models import Letterhead
from tests.browser.looking_closely import OPTIONS, RUN_AXE
from tests.databases import settings_for

Scheme = Literal["light", "dark"]
AXE = Axe().axe_script
WIDTHS = (320, 360, 400)
OWN = letterhead_with(
    sender_name="District 12",
    signature_en="District 12",
    signature_fr="District 12",
    colour="#7a1f5c",
)


RICH = ("closed", "cancelled", "group_message")
"""Kinds that have between them every element: facts, links in them, quotation, button, list."""


def test_every_mail_fits_a_phone(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    for kind in KINDS:
        for language in LANGUAGES:
            page.set_content(written(kind, language, tmp_path, letterhead_with()))
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 640})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, kind
    page.close()


def test_every_mail_can_be_read_by_everybody(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page()
    for kind in KINDS:
        page.set_content(written(kind, "en", tmp_path, letterhead_with()))
        assert barriers(page) == [], kind
    page.close()


@pytest.mark.parametrize("letterhead", [letterhead_with(), OWN], ids=["ours", "own"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_colours_can_be_read_on_light_and_dark_screens(
    browser: Browser, tmp_path: Path, scheme: Scheme, letterhead: Letterhead
) -> None:
    page = browser.new_page(color_scheme=scheme)
    for kind in RICH:
        page.set_content(written(kind, "fr", tmp_path, letterhead))
        assert barriers(page) == [], kind
    page.close()


def written(kind: str, language: str, data: Path, letterhead: Letterhead) -> str:
    return sample_letter(kind, language, settings_for(data), letterhead).html


def barriers(page: Page) -> list[str]:
    page.evaluate(AXE)
    return [each["id"] for each in page.evaluate(RUN_AXE, OPTIONS)["violations"]]
