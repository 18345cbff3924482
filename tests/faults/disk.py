"""A disk so small that a test can fill it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE = "8m"
BLOCK = b"\0" * 4096


@dataclass(frozen=True)
class Disk:
    """A small file system."""

    folder: Path

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"

    def fill(self) -> None:
        """Take all the room that is left."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while file.write(BLOCK):
                    pass
            except OSError:
                return

    def empty(self) -> None:
        """Give it back."""
        self._filler.unlink()


@contextmanager
def a_small_disk(folder: Path) -> Iterator[Disk]:
    """A file system in memory; only root may mount one, so others begin with `unshare -rm`."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "turnout-faults", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
