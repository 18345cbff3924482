"""The HTML of a letter from its source in Markdown."""

from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from services.documents.markdown_for_threads import for_threads


def html_of(source: str) -> str:
    """The source as HTML, block by block, as most blocks are the same in many letters.

    A list goes on behind an empty line; anything else ends there.
    """
    blocks: list[str] = []
    for each in source.split("\n\n"):
        if blocks and blocks[-1].startswith("-") and each.startswith(("-", " ")):
            blocks[-1] += f"\n\n{each}"
        else:
            blocks.append(each)
    return "".join(map(_block_html, blocks))


@lru_cache(maxsize=256)
def _block_html(block: str) -> str:
    return str(_MARKDOWN.render(block))


def _link_open(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: EnvType,
) -> str:
    """A link with the title `button` looks like one."""
    token = tokens[index]
    if token.attrGet("title") == "button":
        del token.attrs["title"]
        token.attrSet("class", "button")
    return renderer.renderToken(tokens, index, options, env)


_MARKDOWN = for_threads(MarkdownIt("commonmark", {"html": False}))
_MARKDOWN.add_render_rule("link_open", _link_open)
