"""Identifiers: UUIDs of version 7 (RFC 9562), made by us and ordered by time."""

import os
import time
from uuid import UUID

_RANDOM_BITS = (1 << 74) - 1


def new_id() -> UUID:
    """A fresh id; ids made later sort later, to the millisecond."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10)) & _RANDOM_BITS
    high, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)
