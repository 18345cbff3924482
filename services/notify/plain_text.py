"""What people typed, made fit for mail: on one line, printable, in its own direction."""

import re

from services.documents.printable import printable

_WHITE = re.compile(r"[^\S\u00a0\u202f]+")
_DIRECTION_OVERRIDES = dict.fromkeys(
    map(ord, "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def one_line(text: str) -> str:
    """Printable, on one line, in its own direction; no-break spaces stay."""
    return part_of_line(text).strip()


def part_of_line(text: str) -> str:
    """The same for words in the middle of a line, with the space around them."""
    return _WHITE.sub(" ", printable(text).translate(_DIRECTION_OVERRIDES))


def lines_of(text: str) -> list[str]:
    """The lines of a longer text that say something, without the marks of a list."""
    return [line for each in text.splitlines() if (line := one_line(each).lstrip("*•– -"))]
