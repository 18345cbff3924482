"""The report: what became of everybody in each fault, as numbers."""

import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from tests.faults.checker import Tally

FAULTS = {
    "F1": "worker killed −9 in the middle, five times",
    "F2": "worker killed −9 between BRPOP and HSET",
    "F3": "broker killed −9 while the workers are busy, down 0.3 s",
    "F4": "broker down for seconds",
    "F5": "broker frozen (SIGSTOP) for 20 s",
    "F6": "broker restarted ten times in 30 s",
    "F7": "broker restarted empty",
    "F8": "broker at its memory limit for 20 s",
    "F9": "bindings deleted",
    "F10": "every event three times and shuffled",
    "F11": "relay killed −9 between publishing and noting",
    "F12": "web killed −9 after the commit, before the answer",
    "F13": "web killed −9 before the commit",
    "F14": "database away for 8 s",
    "F15": "disk full",
    "F16": "mail server misbehaves",
    "F17": "sender killed −9 between the server's acceptance and its note",
    "F18": "notify's database set back to a backup",
    "F19": "two clocks at once, and none",
    "F20": "clocks ahead, back, over a DST night and a 29 February",
    "F21": "everything stopped by SIGTERM and started again",
    "F22": "event whose handler always fails",
    "F23": "worker absent",
    "F24": "control: no lock",
}
HEADINGS = (
    *(
        "fault",
        "",
        "database",
        "answered",
        "mails",
        "lost",
        "doubled",
        "untrue",
        "oversold",
        "offences",
    ),
    *("late", "unknown", "copies in the window", "5xx", "no answer", "p99 ms", "recovered s"),
)


@dataclass
class Report:
    """The faults of a run in their order."""

    rows: list[tuple[str, str, Tally]] = field(default_factory=list)

    def add(self, fault: str, dialect: str, tally: Tally) -> None:
        """One fault's outcome."""
        self.rows.append((fault, dialect, tally))

    def as_plain(self) -> list[list[Any]]:
        """What can travel to another process."""
        return [[fault, dialect, asdict(tally)] for fault, dialect, tally in self.rows]

    def add_plain(self, rows: list[list[Any]]) -> None:
        """What has come from another process."""
        self.rows += [(fault, dialect, Tally(**tally)) for fault, dialect, tally in rows]

    def as_text(self) -> str:
        """Columns for a terminal, without the sentences."""
        names = [each for each in HEADINGS if each]
        lines = [names, *([cell for cell in row if cell != row[1]] for row in self._cells())]
        widths = [max(len(line[n]) for line in lines) for n in range(len(names))]
        return "\n".join(
            "  ".join(c.rjust(w) for c, w in zip(line, widths, strict=True)) for line in lines
        )

    def as_markdown(self) -> str:
        """The table for the documentation, with the machine and the versions."""
        lines = [HEADINGS, ["---"] * len(HEADINGS), *self._cells()]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{circumstances()}\n\n{table}\n"

    def write(self, path: Path) -> None:
        """Keep the Markdown."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.as_markdown(), encoding="utf-8")

    def _cells(self) -> Iterator[list[str]]:
        for fault, dialect, t in sorted(self.rows, key=_number):
            wrongs = (t.lost, t.doubled, t.untrue, t.oversold, t.offences)
            wrongs += (t.late, t.unknown, t.window_copies)
            numbers = (t.accepted, t.mails, *(len(each) for each in wrongs), t.broken)
            measured = (t.unanswered_tries, f"{t.p99_ms:.0f}", f"{t.recovered_s:.1f}")
            name, _, detail = fault.partition(" ")
            yield [
                name,
                f"{FAULTS[name]} {detail}".strip(),
                dialect,
                *(str(each) for each in (*numbers, *measured)),
            ]


def _number(row: tuple[str, str, Tally]) -> tuple[bool, int, str]:
    """The second database after the first, each in the order of the list of faults."""
    fault, dialect, _ = row
    return dialect != "sqlite", int(fault.partition(" ")[0].removeprefix("F")), fault


def circumstances() -> str:
    """When, on what machine, with which versions."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("celery", "kombu", "redis", "sqlalchemy")
    )
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {psutil.cpu_count()} cores, {memory:.0f} GB, "
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}, {packages}."
    )
