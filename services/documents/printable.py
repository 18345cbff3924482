"""What a text may contain before it is put on paper or into a file."""

import re

# XML 1.0 section 2.2 forbids these; a lone surrogate cannot be written as UTF-8 at all.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Remove what no document format can hold; tabs and line breaks stay."""
    return _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _FORBIDDEN.sub("", text))


def one_line(text: str) -> str:
    """Make a text printable and put it on one line, with single spaces."""
    return " ".join(printable(text).split())
