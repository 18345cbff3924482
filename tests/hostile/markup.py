"""What a browser would make of a page: what runs, loads or leads away, and what can be read."""

from html.parser import HTMLParser
from urllib.parse import urlsplit

LOADS = {"script", "iframe", "object", "embed", "applet", "base", "form", "link", "frame", "portal"}
ADDRESSES = {"href", "src", "action", "formaction", "data", "xlink:href", "background", "poster"}
HOSTS = {"", "turnout.test", "127.0.0.1:8000"}
FOREIGN = "127.0.0.1"
"""The host of the corpora's own addresses."""


class Markup(HTMLParser):
    """Reads a page; `allowed` are the elements of ours that load something."""

    def __init__(self, source: str, *, allowed: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self._allowed, self._text, self._hidden = allowed, [], 0
        self.feed(source)
        self.close()

    @property
    def text(self) -> str:
        """What is read, with white space folded."""
        return " ".join("".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in ("style", "script")
        if tag in LOADS and tag not in self._allowed:
            self.dangers.append(tag)
        for name, value in attrs:
            if name.startswith("on") or (name in ADDRESSES and is_danger(value or "")):
                self.dangers.append(f"{tag} {name}={value}")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._text.append(data)


def is_danger(address: str) -> bool:
    """Whether an address runs something, or leads or reaches to a host by no scheme."""
    folded = "".join(char for char in address if char > " ").replace("\\", "/")
    if folded.startswith("//"):
        return True
    scheme = urlsplit(folded).scheme if ":" in folded.partition("/")[0] else ""
    return scheme not in ("", "http", "https", "mailto", "tel", "webcal", "cid")
