"""Arms the faults that `placed/sitecustomize.py` lets happen in the launched processes."""

import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

PLACED = Path(__file__).parent / "placed"


@dataclass(frozen=True)
class Faults:
    """The folder in which faults are armed, and in which they tell that they have happened."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What a process must be started with so that faults can be placed in it."""
        before = os.environ.get("PYTHONPATH")
        path = f"{PLACED}{os.pathsep}{before}" if before else str(PLACED)
        return {"PYTHONPATH": path, "FAULTS_FOLDER": str(self.folder)}

    def arm(
        self,
        place: str,
        do: str = "kill",
        *,
        process: str = "",
        about: str = "",
        times: int = 1,
    ) -> None:
        """Let something happen at a place, so many times; 0 is for ever."""
        plan = {"do": do, "process": process, "about": about, "times": times}
        self._write(place, json.dumps(plan))

    def disarm(self, place: str) -> None:
        """Let nothing more happen there."""
        (self.folder / place).unlink(missing_ok=True)

    def set_clock_ahead(self, seconds: float) -> None:
        """Let the clocks of all launched processes be so far ahead of the real one."""
        self._write("clock", str(seconds))

    def happened(self) -> Counter[str]:
        """How often faults have happened at each place since the folder was made."""
        path = self.folder / "happened"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return Counter(json.loads(line)["place"] for line in lines)

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all: the processes look at any moment."""
        draft = self.folder / f"{name}.draft"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.folder / name)
