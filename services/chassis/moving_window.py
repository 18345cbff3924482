"""Counting how often something happened lately, in this process's memory.

The library's own memory starts a thread at each count, which looks through all that was ever
counted: with a thousand addresses that took longer than signing up.
"""

import time

from limits.storage import MemoryStorage
from limits.storage.memory import Entry

_SWEEP_EVERY_SECONDS = 60


class MovingWindow(MemoryStorage):
    """Keeps of each key the moments that still matter, and sweeps once a minute."""

    _swept_at = 0.0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count it; False, and nothing counted, when there were `limit` within `expiry` seconds."""
        now = time.time()
        self._sweep(now)
        with self.locks[key]:
            moments = self.events.setdefault(key, [])
            is_full = len(moments) + amount > limit
            if is_full and (amount > limit or moments[limit - amount].atime >= now - expiry):
                return False
            moments[:0] = [Entry(expiry)] * amount
            del moments[limit:]
        return True

    def _sweep(self, now: float) -> None:
        if now < self._swept_at + _SWEEP_EVERY_SECONDS:
            return
        self._swept_at = now
        for key in list(self.events):
            with self.locks[key]:
                if not self.events[key] or self.events[key][0].expiry <= now:
                    del self.events[key], self.locks[key]
