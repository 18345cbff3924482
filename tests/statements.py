"""What is asked of a database, counted: each statement that goes there, beginnings left out."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from services.chassis.service import Runtime


@contextmanager
def counted(runtime: Runtime) -> Iterator[list[str]]:
    """The statements of this process meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            found.append(statement)

    event.listen(runtime.database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(runtime.database.engine, "before_cursor_execute", note)
