"""Amounts of money in both languages."""

import pytest

from services.documents.money import dollars_text


@pytest.mark.parametrize(
    ("cents", "english", "french"),
    [
        (0, "$0", "0\u00a0$"),
        (2500, "$25", "25\u00a0$"),
        (2550, "$25.50", "25,50\u00a0$"),
        (123456, "$1,234.56", "1\u00a0234,56\u00a0$"),
    ],
)
def test_an_amount_is_written_as_its_readers_write_it(
    cents: int, english: str, french: str
) -> None:
    assert dollars_text(cents, "en") == english
    assert dollars_text(cents, "fr") == french
