"""What in a page would run, load or send something: the elements and attributes that may not be."""

from html.parser import HTMLParser

_LEAD_SOMEWHERE = {
    *("action", "background", "cite", "data", "formaction", "href", "manifest", "ping", "poster"),
    *("src", "srcdoc", "srcset", "xlink:href"),
}
_SITE = ("http://turnout.test", "webcal://turnout.test")
_NEVER = {
    *("applet", "base", "embed", "frame", "frameset", "isindex", "marquee", "math", "object"),
    *("plaintext", "portal", "style", "xmp"),
}


class Dangers(HTMLParser):
    """Collects them from a page of ours, whose own scripts and frames are all from this site."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag in _NEVER or (tag == "script" and "src" not in known):
            self.found.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in known:
            self.found.append(f"<{tag} http-equiv>")
        for name, value in known.items():
            if (
                name.startswith("on")
                or name == "style"
                or (name in _LEAD_SOMEWHERE and not _is_ours(tag, value))
            ):
                self.found.append(f"{tag} {name}={value}")


def _is_ours(tag: str, address: str) -> bool:
    """Within this site; a link for a reader to follow may lead to another by HTTPS or to mail."""
    if tag == "a" and address.startswith(("https://", "mailto:", *_SITE)):
        return True
    return address == "" or address.startswith(("#", "?")) or _is_path(address)


def _is_path(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))
