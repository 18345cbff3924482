"""How much is tried: a little with every run of the tests, far more with `make hostile`."""

import os
from pathlib import Path

LONG = os.environ.get("HOSTILE") == "long"
_REPORT = os.environ.get("HOSTILE_REPORT", "")


def cases(short: int, long: int) -> int:
    """One number for each kind of run."""
    return long if LONG else short


def report(what: str, tried: int, **more: object) -> None:
    """Add a line to the report, where one is asked for."""
    if _REPORT:
        told = "".join(f", {name.replace('_', ' ')} {value}" for name, value in more.items())
        path = Path(_REPORT)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as lines:
            lines.write(f"{what}: {tried}{told}\n")
