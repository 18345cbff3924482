"""The data folder: made ready, and held by one process at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.refusal import Refusal
from services.chassis.config import Settings
from services.chassis.wrong_setting import WrongSetting

FOLDERS = ("run", "log", "valkey")
RESTORE_UNFINISHED = "restore-unfinished"


@contextmanager
def data_folder(settings: Settings) -> Iterator[None]:
    """The data folder, ours alone until we end, however that may be."""
    try:
        for name in FOLDERS:
            (settings.data / name).mkdir(parents=True, exist_ok=True)
        lock = (settings.data / "run" / "lock").open("a+", encoding="ascii")
    except OSError as problem:
        reason = f"cannot write to {settings.data} ({problem.strerror})"
        raise WrongSetting("TURNOUT_DATA", reason) from problem
    with lock:
        _lock(lock.fileno(), settings.data)
        yield


def mark_unfinished(settings: Settings) -> Path:
    """A mark that stays where a restore is killed, so that no site is started on half of it."""
    mark = settings.data / RESTORE_UNFINISHED
    mark.write_text("`turnout restore` was broken off. Run it again.\n", encoding="ascii")
    return mark


def refuse_unfinished(settings: Settings) -> None:
    """Refusal while a restore that was broken off has left its mark."""
    if (settings.data / RESTORE_UNFINISHED).exists():
        raise Refusal(
            f"a restore was broken off and {settings.data} may hold half of it. Run "
            "`turnout restore` again with the same backup."
        )


def _lock(number: int, data: Path) -> None:
    """The kernel lets go of the lock when the process ends."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as problem:
        holder = os.pread(number, 20, 0).decode("ascii").strip()
        raise Refusal(
            f"already running with the data folder {data} (process {holder}). Stop it first, "
            "or give this one another TURNOUT_DATA and TURNOUT_PORT."
        ) from problem
    os.ftruncate(number, 0)
    os.pwrite(number, f"{os.getpid()}\n".encode("ascii"), 0)
