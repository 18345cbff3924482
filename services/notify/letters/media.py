"""The two media of a mail: each shows the same values, labels and links in its own notation.

What people typed is shown as they typed it, on one line, and never read as notation.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from services.documents.group_text import Block, Line
from services.notify.plain_text import one_line, part_of_line

Fact = tuple[str, str | Sequence[str]]

_NOTATION = re.compile(r"([!-/:-@\[-`{-~])")
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\\]+")


class Source(str):
    """Text in a medium's notation already, to be left as it is."""

    __slots__ = ()


class Medium(Protocol):
    """What templates call; `shown` is applied to every value that they print."""

    def shown(self, value: object) -> str:
        """A value as text on one line."""

    def button(self, label: str, address: str) -> Source:
        """The one thing to do, alone on its line."""

    def link(self, address: str) -> Source:
        """An address that can be read as well as followed."""

    def named_link(self, label: str, address: str) -> Source:
        """A link of lesser weight, where the address itself would be long to read."""

    def quote(self, lines: Sequence[str]) -> Source:
        """What somebody else has said."""

    def facts(self, pairs: Sequence[Fact]) -> Source:
        """Labels and their values, of one or several lines; those without a value are left out."""

    def prose(self, blocks: Sequence[Block]) -> Source:
        """What staff have written, in paragraphs and lists."""


class Plain:
    """The text part: no notation at all, links in full."""

    def shown(self, value: object) -> str:
        """The value itself."""
        return value if isinstance(value, Source) else one_line(str(value))

    def button(self, label: str, address: str) -> Source:
        """The label above the address, as with facts."""
        return self.facts([(label, address)])

    def link(self, address: str) -> Source:
        """The address."""
        return Source(one_line(address))

    def named_link(self, label: str, address: str) -> Source:
        """As a button."""
        return self.button(label, address)

    def quote(self, lines: Sequence[str]) -> Source:
        """Indented."""
        return Source("\n".join(f"  {self.shown(line)}" for line in lines))

    def facts(self, pairs: Sequence[Fact]) -> Source:
        """Each label above its indented values."""
        blocks = [
            "\n".join([self.shown(label), *(f"  {self.shown(line)}" for line in lines)])
            for label, lines in _told(pairs)
        ]
        return Source("\n".join(blocks))

    def prose(self, blocks: Sequence[Block]) -> Source:
        """As it was written, the items of a list behind dots."""
        return Source("\n\n".join(self._block(each) for each in blocks))

    def _block(self, block: Block) -> str:
        mark = "• " if block.is_list else ""
        return "\n".join(f"{mark}{self._line(line)}" for line in block.lines)

    def _line(self, line: Line) -> str:
        return one_line("".join(piece.text for piece in line))


class Markdown:
    """The source of the HTML part; every mark in a value is escaped, so that none takes effect."""

    def shown(self, value: object) -> str:
        """The value with its marks escaped."""
        return value if isinstance(value, Source) else _NOTATION.sub(r"\\\1", one_line(str(value)))

    def button(self, label: str, address: str) -> Source:
        """A link that the HTML writer knows for a button by its title."""
        return Source(f'[{self.shown(label)}](<{web_address(address)}> "button")')

    def link(self, address: str) -> Source:
        """A link whose words are its address."""
        return self.named_link(address, address)

    def named_link(self, label: str, address: str) -> Source:
        """A link whose words are the label."""
        return Source(f"[{self.shown(label)}](<{web_address(address)}>)")

    def quote(self, lines: Sequence[str]) -> Source:
        """A block quotation."""
        return Source("> " + "\\\n> ".join(self.shown(line) for line in lines))

    def facts(self, pairs: Sequence[Fact]) -> Source:
        """A list; the stylesheet sets each label above its values."""
        blocks = [
            f"- **{self.shown(label)}**\n  " + "\\\n  ".join(self.shown(line) for line in lines)
            for label, lines in _told(pairs)
        ]
        return Source("\n".join(blocks))

    def prose(self, blocks: Sequence[Block]) -> Source:
        """Paragraphs and lists; lines stay lines."""
        return Source("\n\n".join(self._block(each) for each in blocks))

    def _block(self, block: Block) -> str:
        lines = [self._line(line) for line in block.lines]
        return "\n".join(f"- {line}" for line in lines) if block.is_list else "\\\n".join(lines)

    def _line(self, line: Line) -> str:
        pieces = [
            self.named_link(piece.text, piece.address)
            if piece.address
            else _NOTATION.sub(r"\\\1", part_of_line(piece.text))
            for piece in line
        ]
        return "".join(pieces).strip()


def is_web_address(text: str) -> bool:
    """Whether a text is one address that a browser can open."""
    return _WEB_ADDRESS.fullmatch(text) is not None


def web_address(text: str) -> str:
    """The address; ValueError for what must not stand behind a link."""
    if not is_web_address(text):
        raise ValueError("only web addresses can be linked")
    return text


def _told(pairs: Sequence[Fact]) -> list[tuple[str, Sequence[str]]]:
    listed = [(label, [value] if isinstance(value, str) else value) for label, value in pairs]
    return [(label, lines) for label, lines in listed if any(lines)]
