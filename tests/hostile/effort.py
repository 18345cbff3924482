"""How much is tried: a little with every run of the tests, far more with `make hostile`."""

import os

LONG = os.environ.get("HOSTILE") == "long"


def cases(short: int, long: int) -> int:
    """One number for each kind of run."""
    return long if LONG else short
