"""The words of each language that Turnout writes in, and those that a text must not have."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from babel import Locale
from babel.dates import get_timezone_name
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from services.chassis.i18n import CATALOGUES
from services.documents.labels import LABELS
from tests.notify.mail_templates import MAIL, names, parsed, said

_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_WORDS = re.compile(r"https?://\S+|\S+@\S+|%\(\w+\)[sd]|\{\w*\}")
_ZONES = ("St_Johns", "Halifax", "Toronto", "Winnipeg", "Edmonton", "Vancouver")


def words(text: str) -> set[str]:
    """The words of a text, in small letters, without addresses, fields and single letters."""
    return set(_WORD.findall(_NO_WORDS.sub(" ", text).lower()))


def foreign_words(text: str, language: str) -> set[str]:
    """Those words of a text that are the other language's alone."""
    other = "fr" if language == "en" else "en"
    return words(text) & (vocabulary(other) - vocabulary(language))


@cache
def vocabulary(language: str) -> frozenset[str]:
    """Every word that templates, documents, pages, dates and zones have in a language."""
    sources = (_templates, _documents, _pages, _calendar)
    texts = (text for source in sources for text in source(language))
    return frozenset(each for text in texts for each in words(text))


def _templates(language: str) -> Iterator[str]:
    for name in names(MAIL, language):
        yield from said(parsed(MAIL, language, name))


def _documents(language: str) -> Iterable[str]:
    return [str(text) for text in LABELS[language].values()]


def _pages(language: str) -> Iterator[str]:
    with (CATALOGUES / "fr.po").open("rb") as file:
        for message in read_po(file, locale="fr"):
            yield from _forms(message, language)


def _forms(message: Message, language: str) -> Iterable[str]:
    found = message.id if language == "en" else message.string
    return [found] if isinstance(found, str) else found


def _calendar(language: str) -> Iterator[str]:
    locale = Locale(language, "CA")
    for table in (locale.months, locale.days):
        for width in ("wide", "abbreviated"):
            yield from table["format"][width].values()
    for zone in _ZONES:
        yield get_timezone_name(f"America/{zone}", zone_variant="generic", locale=locale)
