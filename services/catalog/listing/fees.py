"""The language and fee cells of a listing, and the flags for what they leave unclear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from services.catalog.listing.dates import folded

# A workshop that costs more is a slip of the pen, and must not overflow a database column.
HIGHEST_FEE_CENTS = 10_000_00

_LANGUAGES = {
    "en": "english anglais eng en",
    "fr": "french francais francaise fre fr",
    "bilingual": "bilingual bilingue english/french french/english anglais/francais "
    "francais/anglais english&french english+french englishandfrench frenchandenglish "
    "anglaisetfrancais francaisetanglais en/fr fr/en",
}
_LANGUAGE_OF = {name: code for code, names in _LANGUAGES.items() for name in names.split()}

_AMOUNT = (
    r"[0-9]{1,3}(?:[ ,][0-9]{3}){1,2}(?![0-9])(?:[.,][0-9]{1,2})?|[0-9]{1,9}(?:[.,][0-9]{1,2})?"
)
_MONEY = re.compile(
    rf"(?<![\w.,-])(?:ca|cad|c)? ?\$ ?({_AMOUNT})(?![0-9.,]?[0-9])"
    rf"|(?<![\w.,$-])({_AMOUNT}) ?(?:\$|cad\b|dollars?\b)"
)
_WHOLE_AND_PART = re.compile(r"([0-9 ,]{1,15}?)(?:[.,]([0-9]{1,2}))?")
_FREE = re.compile(r"(?:free|free of charge|no charge|no cost|no fee|gratuit|gratuite|sans frais)")
_SAYS_MONEY = re.compile(r"\$|\b(?:cad|dollars?)\b")
_FEE_WORD = re.compile(r"\b(?:fees?|costs?|price|frais|prix|cout)\b")
_NEUTRAL_WORDS = "cad per person each par personne registration fee fees cost frais"
_NEUTRAL = frozenset(_NEUTRAL_WORDS.split())
_NOT_AFFILIATED = re.compile(
    r"(?:non|not|un)-? ?(?:affiliates?|affiliated|affiliees?|affilies?|affilie[- ]?e?[- ]?s?)"
)
_AFFILIATED = re.compile(r"(?:affiliates?|affiliated|affilie(?:[- ]?e)?(?:[- ]?s)?)")


@dataclass(frozen=True, slots=True)
class Fees:
    """What the fee cells say, in cents; None is "not stated"; `unclear` quotes what is open."""

    affiliate: int | None = None
    other: int | None = None
    unclear: str = ""


@dataclass(frozen=True, slots=True)
class _Price:
    cents: int | None
    label: str


def language_of(cell: str) -> str:
    """Return "en", "fr" or "bilingual", or "" when the cell names no language we serve."""
    plain = "".join(folded(cell).replace("·", "").split())
    return _LANGUAGE_OF.get(plain.strip(".()"), "")


def is_fee(cell: str) -> bool:
    """Say whether a cell speaks of money."""
    plain = folded(cell)
    return bool(_SAYS_MONEY.search(plain)) or bool(_FREE.fullmatch(_words(plain)))


def read_fees(cells: list[str]) -> Fees:
    """Read all fee cells of a date line; a single price without a label holds for everybody."""
    quoted = " | ".join(cells)
    prices = [price for cell in cells for price in _prices(cell)]
    if cells and not prices:
        return Fees(unclear=quoted)
    affiliate = _one([price.cents for price in prices if price.label == "affiliate"])
    other = _one([price.cents for price in prices if price.label == "other"])
    plain = {price.cents for price in prices if price.label == "everybody"}
    if len(plain) == 1 and len(plain) == len(prices):
        only = plain.pop()
        return Fees(only, only, "" if only is not None else quoted)
    whole = not prices or (len(prices) == 2 and None not in (affiliate, other))
    return Fees(affiliate, other, "" if whole else quoted)


def fee_in_prose(text: str, fees: Fees) -> str:
    """Return the first line of a text that states a fee which the fee cells do not."""
    stated = {fees.affiliate, fees.other}
    for line in text.splitlines():
        plain = folded(line)
        named = {_cents(match.group(1) or match.group(2)) for match in _MONEY.finditer(plain)}
        if named - stated and _FEE_WORD.search(plain):
            return line
    return ""


def _one(found: list[int | None]) -> int | None:
    return found[0] if len(found) == 1 else None


def _prices(cell: str) -> list[_Price]:
    """Split a cell at its amounts; the words after an amount, else before it, are its label."""
    plain = folded(cell).replace("·", "-")
    if _FREE.fullmatch(_words(plain)):
        return [_Price(0, "everybody")]
    found = list(_MONEY.finditer(plain))
    if not found:
        return []
    ends = [match.start() for match in found[1:]] + [len(plain)]
    before = plain[: found[0].start()]
    labels = [plain[match.end() : end] for match, end in zip(found, ends, strict=True)]
    if not _words(labels[-1]):
        labels = [before, *labels[:-1]]
    else:
        labels[0] = f"{before} {labels[0]}"
    return [_price(match, label) for match, label in zip(found, labels, strict=True)]


def _price(match: re.Match[str], words: str) -> _Price:
    label = _label(_words(words))
    return _Price(_cents(match.group(1) or match.group(2)) if label else None, label or "unknown")


def _words(text: str) -> str:
    return " ".join(text.replace("(", " ").replace(")", " ").strip(" .,;:/-\u2013\u2014").split())


def _label(words: str) -> str:
    """Return whom a price is for, or "" where the words say something that we cannot read."""
    kept = " ".join(word for word in words.split() if word.strip(".,;:/") not in _NEUTRAL)
    kept = kept.strip(" .,;:/-\u2013\u2014")
    if _NOT_AFFILIATED.fullmatch(kept):
        return "other"
    if _AFFILIATED.fullmatch(kept):
        return "affiliate"
    return "" if kept else "everybody"


def _cents(amount: str) -> int | None:
    """Read "1,250.00", "1 250,00", "20" or "20,5"; None above the highest fee."""
    match = _WHOLE_AND_PART.fullmatch(amount)
    if match is None:
        return None
    whole, part = match.groups()
    cents = int(Decimal(f"{whole.replace(',', '').replace(' ', '')}.{part or 0}") * 100)
    return cents if cents <= HIGHEST_FEE_CENTS else None
