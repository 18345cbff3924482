"""Colours that can be read: contrast as WCAG 2.2 counts it, and what follows from one colour."""

from dataclasses import dataclass

PAPER, TINT, INK = "#fffdf8", "#f3ecdf", "#211c15"
"""The sheet of a mail, the box of facts on it, where contrast is least, and what is written."""

DARK_TINT = "#2c271e"
LEAST_CONTRAST = 4.5
_DARK_CONTRAST = 7.0
_STEPS = 20


@dataclass(frozen=True)
class Colours:
    """The head and the buttons, links, and both again for those who read on a dark screen."""

    head: str
    link: str
    dark: str
    on_dark: str


DEFAULT = Colours(head="#0c5746", link="#0b5343", dark="#8fd6bd", on_dark="#10241d")


def colours_from(colour: str) -> Colours:
    """All from the colour of a letterhead; ours where it has none.

    What can be read as a link on the tint can carry the paper's white as well.
    """
    if not colour:
        return DEFAULT
    return Colours(head=colour, link=colour, dark=_lightened(colour), on_dark=INK)


def contrast_as_link(colour: str) -> float:
    """How well a link of this colour, `#rrggbb`, can be read where it is hardest: 1 to 21."""
    return contrast(colour, TINT)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2, definition of contrast ratio)."""
    darker, lighter = sorted([_luminance(one), _luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _lightened(colour: str) -> str:
    """The colour mixed with as little white as lets it be read on a dark screen."""
    mixed = (_with_white(colour, step / _STEPS) for step in range(_STEPS + 1))
    return next(each for each in mixed if contrast(each, DARK_TINT) >= _DARK_CONTRAST)


def _with_white(colour: str, share: float) -> str:
    return "#" + "".join(f"{round(part + (255 - part) * share):02x}" for part in _parts(colour))


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))
