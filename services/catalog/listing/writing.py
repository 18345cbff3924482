"""The lines of a pasted text: cleaned of what cannot be seen, and told apart by kind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_TITLE = 120
_LONGEST_FRAGMENT = 60
_SURELY_WRAPPED = 60

# Controls, soft hyphens, zero-width and direction marks; joiners stay, emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_BULLET = re.compile("(?:[•●▪‣◦∙○■\u2043\uf0b7·] ?|[-\u2013\u2014*+] )(?=[^ ])")
_LONE_BULLET = frozenset("•●▪‣◦∙○■\u2043\uf0b7·")
_NOTE = re.compile(
    r"(?P<open>[*_]{0,3}) ?(?:please note|notes?|n\.? ?b\.?|remarques?|à noter|nota)"
    r" ?(?P<inner>[*_]{0,3})(?: ?[:\uff1a]| [\u2013\u2014-](?= |$)) ?(?P<close>[*_]{0,3}) ?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[0-9]{1,2}[.)] ")
_ENDS_SENTENCE = re.compile(r"[.!?:;…。؟][\"'”\u2019»)*_ ]{0,6}$")
_OPENS_WORD = re.compile(r"[(\"'“«\u2018]?[^\W_]")
_TITLE_MARKS = re.compile(r"#{1,6} |[*_]{1,3}(?=[^*_ ])")
# A line that ends with one of these is the first half of a sentence.
_OPEN_ENDED_WORDS = (
    "the a an of and or to in for with on by from at as is are your our their that this will "
    "le la les un une de des du et ou à au aux en pour avec par sur dans votre vos nos leur "
    "learn cover covers include includes explore explores apprendrez"
)
_OPEN_ENDED = frozenset(_OPEN_ENDED_WORDS.split())
_FURNITURE = frozenset(
    (
        "skip to main content",
        "skip to content",
        "aller au contenu principal",
        "passer au contenu principal",
        "back to top",
        "haut de la page",
        "register",
        "register now",
        "register here",
        "register online",
        "s'inscrire",
        "inscrivez-vous",
        "read more",
        "en savoir plus",
        "print this page",
        "share this page",
        "partager cette page",
    )
)


@dataclass(frozen=True, slots=True)
class Line:
    """A cleaned line with its number in the text as pasted, from 1; blank when `text` is ""."""

    number: int
    text: str


def clean_lines(text: str) -> list[str]:
    """Split a text into lines without unseen signs; each run of white space is one space.

    A tab that separates the cells of a table row is kept for the caller.
    """
    seen = unicodedata.normalize("NFC", _UNSEEN.sub("", _SURROGATE.sub("\ufffd", text)))
    return [_tidy(line) for line in seen.splitlines()]


def _tidy(line: str) -> str:
    cells = line.strip().split("\t") if "\t" in line else [line]
    return "\t".join(cell for cell in (" ".join(cell.split()) for cell in cells) if cell)


def is_furniture(text: str) -> bool:
    """Say whether a line is what every web page has around its content."""
    if len(text) > LONGEST_TITLE:
        return False
    return text.casefold().strip(" .>»\u203a").replace("\u2019", "'") in _FURNITURE


def without_bullet(text: str) -> str | None:
    """Return what a bullet line says, or None when the line is no bullet."""
    match = _BULLET.match(text)
    return text[match.end() :] if match else None


def without_note_label(text: str) -> str | None:
    """Return what a NOTE line says without label and stars, or None when it is no NOTE."""
    match = _NOTE.match(without_bullet(text) or text)
    if match is None:
        return None
    said = match.string[match.end() :]
    opened = match["open"] and not match["inner"] and not match["close"]
    return said.removesuffix(match["open"]).rstrip() if opened else said


def ends_sentence(text: str) -> bool:
    """Say whether a line ends as a sentence, or as the opening of a list."""
    return bool(_ENDS_SENTENCE.search(text[-8:]))


def title_of(text: str, following: str) -> str:
    """Return the title that a line is, or "" when it is a sentence or a part of one.

    `following` is the next line, "" when blank: a sentence broken over two lines goes on there.
    """
    if is_fragment(text, LONGEST_TITLE) and not _goes_on(text, following):
        opening = _TITLE_MARKS.match(text)
        mark = opening.group().strip() if opening else ""
        bare = text[opening.end() :] if opening else text
        return (bare.removesuffix(mark) if mark else bare).strip()
    return ""


def is_fragment(text: str, longest: int = _LONGEST_FRAGMENT) -> bool:
    """Say whether a line is short and no sentence, part of a list or NOTE."""
    if not text or len(text) > longest or ends_sentence(text) or text.endswith(","):
        return False
    listed = without_bullet(text) is not None or bool(_NUMBERED.match(text))
    return not listed and without_note_label(text) is None


def _goes_on(text: str, following: str) -> bool:
    last = text.rsplit(" ", 1)[-1].casefold()
    if text[:1].islower() or following[:1].islower():
        return True
    return bool(following) and last in _OPEN_ENDED


def wraps(text: str, following: str) -> bool:
    """Say whether `following` is the rest of a sentence that a line break cut."""
    if ends_sentence(text) or not following:
        return False
    if following[:1].islower():
        return True
    return len(text) >= _SURELY_WRAPPED and bool(_OPENS_WORD.match(following))


def joined_bullets(lines: Sequence[Line]) -> list[Line]:
    """Join a bullet that stands alone on its line with the line below it."""
    joined: list[Line] = []
    for line in lines:
        if joined and joined[-1].text in _LONE_BULLET and line.text:
            joined[-1] = Line(joined[-1].number, f"{joined[-1].text} {line.text}")
        else:
            joined.append(line)
    return joined


def markdown(lines: Sequence[Line]) -> str:
    """Write lines as Markdown: paragraphs, tight bullet lists, broken sentences kept together."""
    written: list[str] = []
    before = ""
    blank = False
    for line in lines:
        if line.text:
            bullet = without_bullet(line.text)
            said = line.text if bullet is None else f"- {bullet}"
            written += [_between(before, said, blank), said]
            before, blank = said, False
        else:
            blank = True
    return "".join(written)


def _between(before: str, said: str, blank: bool) -> str:
    if not before:
        return ""
    if said.startswith("- "):
        return "\n" if before.startswith("- ") else "\n\n"
    if before.startswith("- "):
        return " " if not blank and said[:1].islower() and not ends_sentence(before) else "\n\n"
    return "\n" if not blank and wraps(before, said) else "\n\n"
