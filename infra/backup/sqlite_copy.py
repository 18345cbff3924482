"""SQLite: a consistent copy of a database that is in use, and what is in such a copy."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

_PAGES_AT_ONCE = 2_000
_PATIENCE_SECONDS = 30


def path_of(url: str) -> Path:
    """The file that SQLAlchemy's address names."""
    return Path(url.removeprefix("sqlite:///")).resolve()


def copy_live(source: Path, target: Path, tell: Callable[[int, int], None]) -> None:
    """Copy through SQLite's backup API; `tell` hears how many pages are done, and of how many.

    One read transaction is held all the while. So the copy shows a single moment, and writers,
    who are not held up, do not make it begin again.
    """
    with closing(_opened(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()
        live.backup(
            copy, pages=_PAGES_AT_ONCE, progress=lambda _, left, all_: tell(all_ - left, all_)
        )
        copy.execute("PRAGMA journal_mode=DELETE")


def size_of(path: Path) -> int:
    """How many bytes a copy will have."""
    with closing(_opened(path)) as live:
        (pages,), (size,) = (
            live.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size")
        )
    return int(pages * size)


def count_rows(path: Path) -> tuple[str, dict[str, int]]:
    """The revision of a copy, and how many rows each table has."""
    with closing(_opened(path)) as copy:
        names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = [name for (name,) in names if not name.startswith("sqlite_")]
        counted = (copy.execute(f'SELECT count(*) FROM "{each}"').fetchone() for each in tables)  # noqa: S608 - names from the database itself
        rows = {table: count for table, (count,) in zip(tables, counted, strict=True)}
        (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(revision), rows


def is_sound(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the file's structure."""
    with closing(_opened(path)) as copy:
        return bool(copy.execute("PRAGMA quick_check").fetchone() == ("ok",))


def _opened(path: Path) -> sqlite3.Connection:
    """A database that is there; a wrong path must not make a new one."""
    return sqlite3.connect(
        f"{path.as_uri()}?mode=rw", uri=True, timeout=_PATIENCE_SECONDS, isolation_level=None
    )
