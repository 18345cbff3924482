"""Descriptions: Markdown by staff or from a listing, shown as safe HTML."""

from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

from services.documents.markdown_for_threads import for_threads

_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "h2", "h3", "h4"}
_SCHEMES = ("https", "mailto")


class _Reader(MarkdownIt):
    """Links lead to a whole address, of a scheme that runs nothing; others stay text."""

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name.
        return super().validateLink(url) and urlsplit(url).scheme in _SCHEMES


_READER = for_threads(_Reader("commonmark", {"html": False, "breaks": True}).disable("image"))


def rendered(text: str) -> Markup:
    """The text as HTML: its own tags stay text, its headings stand below the page's."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes=set(_SCHEMES),
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(clean)  # noqa: S704 - nh3 has left only the tags above in it.
