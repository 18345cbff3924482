"""Puts a backup set back: all that was asked for, or nothing."""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType

from infra.backup import postgres_dump, sqlite_copy
from infra.backup.manifest import MAIL, SQLITE, Manifest, Part
from infra.backup.taking import kind_of
from infra.composition import begin
from infra.data_folder import mark_unfinished
from infra.migrations import knows, upgraded
from infra.refusal import Refusal
from services.chassis.config import Settings
from services.notify.transports import folder_of

NEW = ".restoring"


@dataclass(frozen=True)
class Work:
    """What is to be put back from where, and under which name the old data are kept."""

    settings: Settings
    folder: Path
    parts: Sequence[Part]
    with_mail: bool
    aside: str

    @property
    def old_data(self) -> Path:
        """Where the files that are replaced are kept."""
        return self.settings.data / self.aside


def plan(
    settings: Settings, folder: Path, manifest: Manifest, only: Sequence[str], now: datetime
) -> Work:
    """What a restore will do; Refusal where this version or this site cannot."""
    parts = [each for each in manifest.parts if each.service in only]
    for part in parts:
        _check(part, settings)
    with_mail = "notify" in only and (folder / MAIL).exists()
    with_mail = with_mail and folder_of(settings) is not None
    return Work(settings, folder, parts, with_mail, f"replaced_{now:%Y%m%dt%H%M%Sz}")


def has_data(settings: Settings, part: Part) -> bool:
    """Whether a service has a database with tables already."""
    url = settings.database_urls[part.service]
    if kind_of(url) == SQLITE:
        return sqlite_copy.path_of(url).exists()
    return bool(postgres_dump.count_rows(url)[1])


@contextmanager
def put_back(work: Work) -> Iterator[None]:
    """The restored data in their place for the block; an exception in it undoes all of it.

    New files are made ready beside the old ones first. The old data are kept, not deleted.
    """
    mark = mark_unfinished(work.settings)
    undo: Undo = []
    try:
        swaps = [_made_ready(work, part, undo) for part in work.parts]
        if work.with_mail:
            swaps.append(partial(_add_mail, work))
        for swap in swaps:
            swap(undo)
        yield
    except BaseException:
        for step in reversed(undo):
            step()
        mark.unlink()
        raise
    mark.unlink()


Undo = list[Callable[[], object]]
Swap = Callable[[Undo], None]


def _check(part: Part, settings: Settings) -> None:
    url = settings.database_urls[part.service]
    if kind_of(url) != part.kind:
        raise Refusal(
            f"the backup of {part.service} is of a {part.kind} database, and "
            f"TURNOUT_{part.service.upper()}_DATABASE_URL names another kind."
        )
    if not knows(begin(part.service, settings), part.revision):
        raise Refusal(
            f"the backup of {part.service} is at revision {part.revision}, which this version "
            "of Turnout does not know. Update Turnout first."
        )
    if part.kind != SQLITE:
        postgres_dump.tool("pg_restore")
        if others := postgres_dump.others_connected(url):
            raise Refusal(
                f"the database of {part.service} is in use by {', '.join(sorted(set(others)))}. "
                "Stop the site first."
            )


def _made_ready(work: Work, part: Part, undo: Undo) -> Swap:
    if part.kind == SQLITE:
        return _file_made_ready(work, part, undo)
    return lambda done: _swap_schema(work, part, done)


def _file_made_ready(work: Work, part: Part, undo: Undo) -> Swap:
    """A new database file, checked and migrated, that has only to be renamed."""
    place = sqlite_copy.path_of(work.settings.database_urls[part.service])
    new = place.with_name(place.name + NEW)
    undo.append(partial(new.unlink, missing_ok=True))
    place.parent.mkdir(parents=True, exist_ok=True)
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    shutil.copyfile(work.folder / part.file, new)
    if not sqlite_copy.is_sound(new):
        raise Refusal(f"the backup of {part.service} is no sound database. Nothing was changed.")
    _check_counts(part, sqlite_copy.count_rows(new)[1])
    _migrate(work.settings, part.service, f"sqlite:///{new}")
    return lambda done: _swap_files(work, place, new, done)


def _swap_files(work: Work, place: Path, new: Path, undo: Undo) -> None:
    """The old file goes aside with what SQLite keeps beside it, and the new one takes its name."""
    for old in [place.with_name(place.name + each) for each in ("", "-wal", "-shm")]:
        if old.exists():
            _move(old, work.old_data / old.name, undo)
    _move(new, place, undo)


def _swap_schema(work: Work, part: Part, undo: Undo) -> None:
    url = work.settings.database_urls[part.service]
    postgres_dump.put_aside(url, work.aside)
    undo.append(partial(postgres_dump.put_back, url, work.aside))
    postgres_dump.load(url, work.folder / part.file)
    _check_counts(part, postgres_dump.count_rows(url)[1])
    _migrate(work.settings, part.service, url)


def _add_mail(work: Work, undo: Undo) -> None:
    """Put back the messages that are no longer there; those that went out since stay.

    Nothing but plain names of messages is unpacked.
    """
    place = folder_of(work.settings)
    if place is None:
        raise LookupError("mail goes to no folder")
    place.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(work.folder / MAIL) as file:
        for name in file.namelist():
            new = place / name
            if Path(name).name == name and name.endswith(".eml") and not new.exists():
                undo.append(partial(new.unlink, missing_ok=True))
                new.write_bytes(file.read(name))


def _move(old: Path, new: Path, undo: Undo) -> None:
    new.parent.mkdir(exist_ok=True, mode=0o700)
    shutil.move(old, new)
    undo.append(partial(shutil.move, new, old))


def _check_counts(part: Part, rows: dict[str, int]) -> None:
    wrong = [name for name, count in part.rows.items() if rows.get(name) != count]
    if wrong:
        raise Refusal(
            f"the backup of {part.service} gave other numbers of rows than it was taken with, "
            f"in {', '.join(wrong)}. Nothing was changed."
        )


def _migrate(settings: Settings, service: str, url: str) -> None:
    urls = MappingProxyType({**settings.database_urls, service: url})
    upgraded(service, replace(settings, database_urls=urls))
