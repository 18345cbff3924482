"""The seal on every message between the services, which nobody without the key can make.

It covers what is said, in which task and to which queue, so that a genuine message is of no use
anywhere else. Sent a second time it changes nothing: the inbox knows it.
"""

import hmac
import json
from collections.abc import Sequence
from typing import Any

from services.chassis.keys import Key

HEADER = "turnout-seal"
UNSEALED, UNKNOWN_KEY, BAD_SEAL = "unsealed", "unknown_key", "bad_seal"


class Refused(Exception):
    """A message that must not be handled; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def seal(keys: Sequence[Key], task: str, queue: str, content: dict[str, Any]) -> str:
    """The id of the newest key and the HMAC-SHA-256 that it gives, in hexadecimal."""
    return f"{keys[0].id}:{_mac(keys[0], task, queue, content)}"


def check_seal(
    keys: Sequence[Key], told: object, *, task: str, queue: str, content: dict[str, Any]
) -> None:
    """Refused unless one of the keys made this seal for exactly this."""
    if not isinstance(told, str) or not told.isascii():
        raise Refused(UNSEALED)
    key_id, _, mac = told.partition(":")
    key = next((each for each in keys if each.id == key_id), None)
    if key is None:
        raise Refused(UNKNOWN_KEY)
    try:
        wanted = _mac(key, task, queue, content)
    except (TypeError, ValueError, RecursionError) as problem:
        raise Refused(BAD_SEAL) from problem  # Nothing that we send looks like this.
    if not hmac.compare_digest(wanted, mac):
        raise Refused(BAD_SEAL)


def _mac(key: Key, task: str, queue: str, content: dict[str, Any]) -> str:
    """Over one spelling of the JSON: sorted names, no white space, ASCII."""
    said = json.dumps([task, queue, content], sort_keys=True, separators=(",", ":"))
    return hmac.digest(key.value, said.encode("ascii"), "sha256").hex()
