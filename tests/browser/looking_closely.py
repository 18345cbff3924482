"""What is looked for on every page: barriers, overflow, broken words, the language spoken."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.site import DESKTOP, PHONE

AXE = Axe().axe_script
RUN_AXE = "options => axe.run(options)"
OPTIONS = {
    "iframes": False,  # The only one holds a mail, in which no script can run.
    "preload": False,
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
}
BROKEN_WORDS = """() => {
  const broken = [];
  for (const button of document.querySelectorAll("button, .button")) {
    if (!button.checkVisibility()) continue;
    const texts = document.createTreeWalker(button, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      for (const word of texts.currentNode.data.matchAll(/[^\\s-]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, word.index);
        range.setEnd(texts.currentNode, word.index + word[0].length);
        if (range.getClientRects().length > 1) broken.push(word[0]);
      }
    }
  }
  return broken;
}"""
"""The words, on buttons that are in sight, that go on in a second line."""
SERIOUS = ("serious", "critical")


def problems_of(page: Page, language: str) -> list[str]:
    """What is wrong with the open page, on a phone and at a desk."""
    found = []
    spoken = page.locator("html").get_attribute("lang")
    if spoken != language:
        found.append(f"says that it is in {spoken}, not in {language}")
    page.evaluate(AXE)
    for name, size in (("phone", PHONE), ("desk", DESKTOP)):
        page.set_viewport_size(size)
        wrong = _barriers(page) + _overflow(page, size) + _broken_words(page)
        found += [f"{name}: {problem}" for problem in wrong]
    return [f"{page.url} {problem}" for problem in found]


def _barriers(page: Page) -> list[str]:
    violations = page.evaluate(RUN_AXE, OPTIONS)["violations"]
    return [
        f"{each['id']} ({each['impact']}) at {[node['target'] for node in each['nodes']]}"
        for each in violations
        if each["impact"] in SERIOUS
    ]


def _broken_words(page: Page) -> list[str]:
    return [f"breaks the word “{each}” on a button" for each in page.evaluate(BROKEN_WORDS)]


def _overflow(page: Page, size: dict[str, int]) -> list[str]:
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"is {width} pixels wide"] if width > size["width"] else []
