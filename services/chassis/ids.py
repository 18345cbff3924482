"""Identifiers: UUIDs of version 7 (RFC 9562), made by us and ordered by time."""

import os
import time
from uuid import UUID

_RANDOM_BITS = (1 << 62) - 1


def new_id() -> UUID:
    """A fresh id; ids made later on this machine sort later, to a quarter of a microsecond."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000  # RFC 9562, section 6.2, method 3.
    random = int.from_bytes(os.urandom(8)) & _RANDOM_BITS
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random)
