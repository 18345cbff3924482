"""The text of a message to a group: its merge fields, its paragraphs, its lists, its links.

What staff wrote is never a template: a known field is replaced once, all else stays as it is.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.documents.dates import days_text

PAGE = "page"
OF_ANYBODY = ("name", "local")
OF_A_SESSION = (*OF_ANYBODY, "workshop", "dates", "place", PAGE)
_FIELD = re.compile(r"\{([^\W\d]\w*)\}")
_WEB_ADDRESS = re.compile(r"https://[\w.-]+(?::\d+)?(?:[/?#][^\s<>\\\"]*)?")
_AFTER_AN_ADDRESS = ".,;:!?)»’'…"
_BULLET = "- "
_ONLINE = {"en": "online", "fr": "en ligne"}


@dataclass(frozen=True)
class Piece:
    """Some words; with an address they are a link to it."""

    text: str
    address: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph with its lines, or a list with its items."""

    lines: tuple[Line, ...]
    is_list: bool = False


def unknown_fields(text: str, known: tuple[str, ...]) -> list[str]:
    """The fields in a text that do not exist, each once, with their braces."""
    found = dict.fromkeys(_FIELD.findall(text))
    return [f"{{{name}}}" for name in found if name not in known]


def merge_values(
    session: Mapping[str, Any] | None, *, name: str, local: str, language: str
) -> dict[str, str]:
    """What the fields stand for, in a language; a session's only where there is one."""
    values = {"name": name, "local": local}
    if session is None:
        return values
    where = ", ".join(each for each in (session["place"], session["room"]) if each)
    title = session["title"]
    return values | {
        "workshop": title[language] or title["fr" if language == "en" else "en"],
        "dates": days_text([day["date"] for day in session["days"]], language),
        "place": _ONLINE[language] if session["online"] else where,
    }


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text of one line, such as a subject, with its fields filled in."""
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)


def blocks_of(text: str, values: Mapping[str, str], *, page: Piece) -> tuple[Block, ...]:
    """A longer text with its fields filled in.

    Empty lines part paragraphs, lines that begin with `- ` are items of a list, and plain
    https addresses that staff wrote are links; an address in somebody's name is not.
    """
    blocks: list[Block] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        blocks += _blocks(paragraph.splitlines(), values, page)
    return tuple(blocks)


def _blocks(lines: list[str], values: Mapping[str, str], page: Piece) -> Iterator[Block]:
    """The runs of list items and of other lines in one paragraph."""
    run: list[Line] = []
    was_item = False
    for line in (each.strip() for each in lines):
        is_item = line.startswith(_BULLET)
        if run and is_item != was_item:
            yield Block(tuple(run), was_item)
            run = []
        was_item = is_item
        run.append(tuple(_pieces(line.removeprefix(_BULLET), values, page)))
    if run:
        yield Block(tuple(run), was_item)


def _pieces(line: str, values: Mapping[str, str], page: Piece) -> Iterator[Piece]:
    end = 0
    for found in _FIELD.finditer(line):
        yield from _linked(line[end : found.start()])
        is_page = found[1] == PAGE
        yield page if is_page else Piece(values.get(found[1], found[0]))
        end = found.end()
    yield from _linked(line[end:])


def _linked(text: str) -> Iterator[Piece]:
    end = 0
    for found in _WEB_ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER_AN_ADDRESS)
        if text[found.start() - 1 : found.start()].isalnum() or "@" in address:
            continue  # Not an address that somebody wrote as one.
        yield Piece(text[end : found.start()])
        yield Piece(address, address)
        end = found.start() + len(address)
    if text[end:]:
        yield Piece(text[end:])
