"""Mail into a folder: one .eml file each, named after its delivery."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from services.notify.failures import TemporaryFailure
from services.notify.message import Mail


@dataclass(frozen=True)
class Folder:
    """A folder on this machine. Sending twice replaces the file, so a second copy cannot be."""

    path: Path
    longest_send: timedelta = timedelta(seconds=30)
    patience: timedelta = timedelta(seconds=5)

    def send(self, mail: Mail, now: datetime) -> str:
        """Write the file whole or not at all; TemporaryFailure when the disk does not let us."""
        name = f"{mail.id}.eml"
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            _write(self.path / name, mail.internet_form)
        except OSError as problem:
            raise TemporaryFailure(f"{problem.strerror} ({self.path})") from problem
        return name


def _write(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
