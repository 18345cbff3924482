"""All of the corpora in one, and what is to be kept of a text that is taken."""

import unicodedata
from collections.abc import Sequence

from tests.hostile.corpora.addresses import BAD, GOOD
from tests.hostile.corpora.dates import NOT_DAYS, NOT_HOURS
from tests.hostile.corpora.formulas import FORMULAS
from tests.hostile.corpora.headers import HEADER_INJECTIONS
from tests.hostile.corpora.names import NAMES
from tests.hostile.corpora.naughty import NAUGHTY
from tests.hostile.corpora.scripts import SCRIPTS
from tests.hostile.effort import LONG

_CORPORA = (
    *(NAUGHTY, FORMULAS, SCRIPTS, NAMES, HEADER_INJECTIONS, GOOD, BAD, NOT_DAYS, NOT_HOURS),
)
EVERYTHING: Sequence[str] = list(dict.fromkeys(text for corpus in _CORPORA for text in corpus))


def some(one_in: int) -> Sequence[str]:
    """One in so many of each part of the corpora; all of them in a long run."""
    return EVERYTHING if LONG else EVERYTHING[::one_in]


def as_kept(text: str) -> str:
    """The same text in NFC, with plain line ends, without what shows nothing at its edges."""
    for gone in "\u200b\u2060\ufeff":
        text = text.replace(gone, "")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n")
    for end in "\r\u2028\u2029":
        text = text.replace(end, "\n")
    return text.strip()


def as_read(text: str) -> str:
    """What is left of a text once white space is folded, as pages and mail programs do."""
    return " ".join(text.split())
