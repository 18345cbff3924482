"""What no event may hold, whoever sent it: what JSON or one of our databases cannot keep."""

import math
from typing import Any

DEEPEST = 20
_WHOLE_BITS = 64
"""The sign among them, which is what a counter has in either database."""
_MARK_OF_A_TYPE = {"__type__", "__value__"}
"""Kombu would make something else than a dictionary of it."""


def unstorable(value: Any, depth: int = 1) -> str:
    """Why a value read from JSON cannot be kept; empty when it can."""
    if isinstance(value, str):
        return _unstorable_text(value)
    if isinstance(value, dict | list):
        return _unstorable_parts(value, depth)
    if isinstance(value, float):
        return "" if math.isfinite(value) else "a number that is none"
    if isinstance(value, int):
        return "a number that is too large" if value.bit_length() >= _WHOLE_BITS else ""
    return "" if value is None else f"a {type(value).__name__}, which JSON has not"


def _unstorable_parts(value: dict[Any, Any] | list[Any], depth: int) -> str:
    if depth > DEEPEST:
        return f"more than {DEEPEST} levels"
    if isinstance(value, list):
        parts: list[Any] = value
    elif value.keys() == _MARK_OF_A_TYPE:
        return "a mark of a type"
    else:
        parts = [*value.keys(), *value.values()]
    reasons = (unstorable(each, depth + 1) for each in parts)
    return next(filter(None, reasons), "")


def _unstorable_text(text: str) -> str:
    if "\0" in text:
        return "a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "half a surrogate pair"
    return ""
