"""Takes a backup set while the site runs: whole, or not there at all."""

import fcntl
import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path

import psycopg
from rich.progress import Progress

from infra.backup import postgres_dump, sqlite_copy
from infra.backup.manifest import (
    FORMAT,
    MAIL,
    NOT_INCLUDED,
    POSTGRESQL,
    SQLITE,
    Manifest,
    Part,
    read_manifest,
    sum_of,
    write_manifest,
)
from infra.data_folder import refuse_unfinished
from infra.refusal import Refusal
from services.chassis.config import Settings
from services.chassis.keys import LINKS, keys_for
from services.contracts import SERVICES
from services.notify.transports import folder_of

PREFIX = "turnout-"
UNFINISHED = ".unfinished-"
ROOM_TO_SPARE = 1.1
"""What the site may write while the backup is taken, as a factor."""

Tell = Callable[[int, int], None]


def take_backup(settings: Settings, into: Path, progress: Progress) -> Path:
    """Make a dated set in this folder and return it; Refusal where it cannot be."""
    refuse_unfinished(settings)
    now = datetime.now(UTC)
    final = into / f"{PREFIX}{now:%Y%m%dT%H%M%SZ}"
    _make_room(settings, into)
    with _draft(into, final) as draft:
        parts = [_take_part(name, settings, draft, progress) for name in SERVICES]
        mails = _take_mail(settings, draft, progress)
        sums = [sum_of(path) for path in sorted(draft.iterdir())]
        manifest = Manifest(
            format=FORMAT,
            version=version("turnout"),
            taken_at=now,
            secret_key=keys_for(settings, LINKS)[0].id,
            parts=parts,
            mails=mails,
            files=sums,
            not_included=list(NOT_INCLUDED),
        )
        write_manifest(draft, manifest)
    return final


def forget_old(into: Path, days: int, now: datetime) -> list[Path]:
    """Delete the sets of this folder that are older than so many days; returns which."""
    gone = []
    for folder in sorted(into.glob(f"{PREFIX}*")):
        if now - read_manifest(folder).taken_at > timedelta(days=days):
            shutil.rmtree(folder)
            gone.append(folder)
    return gone


def kind_of(url: str) -> str:
    """Which kind of database an address names."""
    return SQLITE if url.startswith("sqlite:") else POSTGRESQL


def _make_room(settings: Settings, into: Path) -> None:
    """Clear away what a killed backup left, and find out whether this one fits."""
    try:
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in into.glob(f"{UNFINISHED}*"):
            _clear_unless_held(left)
        free = shutil.disk_usage(into).free
    except OSError as problem:
        raise Refusal(f"cannot write to {into} ({problem.strerror}).") from problem
    needed = int(sum(_size_of(name, settings) for name in SERVICES) * ROOM_TO_SPARE)
    needed += sum(path.stat().st_size for path in _mail_files(settings))
    if needed > free:
        raise Refusal(f"{into} has {_mb(free)} free, and the backup needs up to {_mb(needed)}.")


def _clear_unless_held(folder: Path) -> None:
    """Another backup that is under way holds its folder by a lock."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
    except BlockingIOError:
        return
    finally:
        os.close(number)


def _mb(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


@contextmanager
def _draft(into: Path, final: Path) -> Iterator[Path]:
    """A folder that gets its name when all is in it and on the disk."""
    draft = into / f"{UNFINISHED}{final.name}"
    try:
        draft.mkdir(mode=0o700)
    except OSError as problem:
        raise Refusal(f"cannot make {draft} ({problem.strerror}).") from problem
    number = os.open(draft, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield draft
        for path in draft.iterdir():
            _to_disk(path)
        os.fsync(number)
        draft.rename(final)
    except OSError as problem:
        raise Refusal(f"the backup failed: {problem}.") from problem
    finally:
        os.close(number)
        shutil.rmtree(draft, ignore_errors=True)
    _to_disk(into)


def _to_disk(path: Path) -> None:
    if path.is_file():
        path.chmod(0o600)
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _size_of(name: str, settings: Settings) -> int:
    url = settings.database_urls[name]
    with _explained(name):
        if kind_of(url) == SQLITE:
            return sqlite_copy.size_of(sqlite_copy.path_of(url))
        return postgres_dump.size_of(url)


def _take_part(name: str, settings: Settings, draft: Path, progress: Progress) -> Part:
    url = settings.database_urls[name]
    task = progress.add_task(name, total=None)
    with _explained(name):
        take = _take_sqlite if kind_of(url) == SQLITE else _take_postgres
        part = take(
            name, url, draft, lambda done, all_: progress.update(task, completed=done, total=all_)
        )
    progress.update(task, completed=1, total=1)
    return part


def _take_sqlite(name: str, url: str, draft: Path, tell: Tell) -> Part:
    target = _private(draft / f"{name}.sqlite3")
    taken_at = datetime.now(UTC)
    sqlite_copy.copy_live(sqlite_copy.path_of(url), target, tell)
    return Part(name, SQLITE, target.name, taken_at, *sqlite_copy.count_rows(target))


def _take_postgres(name: str, url: str, draft: Path, _tell: Tell) -> Part:
    postgres_dump.tool("pg_dump")
    target = _private(draft / f"{name}.pgdump")
    taken_at = datetime.now(UTC)
    with postgres_dump.one_moment(url) as (snapshot, revision, rows):
        postgres_dump.dump(url, target, snapshot)
    return Part(name, POSTGRESQL, target.name, taken_at, revision, rows)


def _take_mail(settings: Settings, draft: Path, progress: Progress) -> int:
    """The mail folder, where mail goes to one; returns how many messages."""
    paths = _mail_files(settings)
    if folder_of(settings) is None:
        return 0
    with zipfile.ZipFile(_private(draft / MAIL), "w", zipfile.ZIP_DEFLATED) as file:
        for path in progress.track(paths, description="mail"):
            file.write(path, path.name)
    return len(paths)


def _mail_files(settings: Settings) -> list[Path]:
    folder = folder_of(settings)
    return sorted(folder.glob("*.eml")) if folder else []


def _private(path: Path) -> Path:
    """An empty file that nobody else may read, before anything is in it."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return path


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Say whose database does not answer."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as problem:
        setting = f"TURNOUT_{name.upper()}_DATABASE_URL"
        reason = str(problem).partition("\n")[0]
        raise Refusal(
            f"the database of {name} ({setting}): {reason}. `turnout doctor` says what to do."
        ) from problem
