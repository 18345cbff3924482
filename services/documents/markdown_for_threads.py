"""Markdown readers that several threads use at once."""

from markdown_it import MarkdownIt


def for_threads(reader: MarkdownIt) -> MarkdownIt:
    """The reader after its first link; call it where a module is loaded, which one thread does.

    At the first link of a process the library begins tables of how addresses are written, and
    lets other threads read them half made: links come out wrong, or nothing does.
    """
    reader.render("<https://example.org>")
    return reader
