"""What an examination finds: of each subject that it is well, or its problem and the cure."""

import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's; `cure` says what to do, and is empty when nothing is wrong."""

    subject: str
    told: str
    cure: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.cure


def fine(subject: str, told: str) -> Finding:
    """Nothing wrong here."""
    return Finding(subject, told)


def writable(subject: str, folder: Path, *, setting: str) -> Finding:
    """Whether files can be written into a folder, found out by writing one."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return fine(subject, f"{folder} can be written to")
    except OSError as problem:
        cure = f"Make it writable for this user, or set {setting} to another folder."
        return Finding(subject, f"cannot write to {folder} ({problem.strerror})", cure)
