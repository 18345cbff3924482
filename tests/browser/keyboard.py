"""Somebody who uses no mouse: Tab, Enter, Space and typing are all there is."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

MOST_PRESSES = 150


@dataclass
class Keyboard:
    """The keys, and where they lead on a page."""

    page: Page

    def go_to(self, wanted: Locator) -> None:
        """Press Tab until it has the focus, and see that one can see so."""
        for _ in range(MOST_PRESSES):
            self.page.keyboard.press("Tab")
            if wanted.evaluate("each => each === document.activeElement"):
                break
        expect(wanted).to_be_focused()
        expect(wanted).to_be_in_viewport()
        assert wanted.evaluate("each => each.matches(':focus-visible')")
        assert wanted.evaluate(IS_OUTLINED), "the focus cannot be seen"

    def follow(self, wanted: Locator) -> None:
        """Go to a link or button and press Enter."""
        self.go_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type_into(self, wanted: Locator, text: str) -> None:
        """Go to a field and type, over what stood there."""
        self.go_to(wanted)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, wanted: Locator) -> None:
        self.go_to(wanted)
        self.page.keyboard.press("Space")
        expect(wanted).to_be_checked()


IS_OUTLINED = """each => {
  const style = getComputedStyle(each);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
