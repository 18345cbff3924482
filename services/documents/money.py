"""Amounts of money as people write them, in English and French."""

from functools import lru_cache

from babel.numbers import format_currency

_PATTERNS = {"en": ("en_CA", "¤#,##0.00"), "fr": ("fr_CA", "#,##0.00\u00a0¤")}


@lru_cache(maxsize=1024)
def dollars_text(cents: int, language: str) -> str:
    """Canadian dollars, without cents where there are none: $25, $25.50, 25 $, 25,50 $."""
    locale, pattern = _PATTERNS[language]
    pattern = pattern if cents % 100 else pattern.replace(".00", "")
    amount: str = format_currency(cents / 100, "CAD", pattern, locale=locale, currency_digits=False)
    return amount
