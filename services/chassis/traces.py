"""The traces of one person in words and JSON, and the sweep that takes them out of all tables."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from services.chassis.db import Database

GONE = "[…]"
"""What stands where a name, an address or a telephone number was."""

AT_ONCE = 100
_SHORTEST_NUMBER = 7


@dataclass(frozen=True)
class Traces:
    """What tells of one person wherever it stands; `names` are those that nobody else bears."""

    email: str
    names: Sequence[str] = ()
    phones: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.email or self.names or self.phones)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """All of it, in any case; numbers however they are written."""
        names = [r"\s+".join(map(re.escape, each.split())) for each in self.names]
        parts = [rf"(?<!\w){each}(?!\w)" for each in names]
        if self.email:  # Another address may end or begin as this one does.
            parts.append(rf"(?<![\w.+'-]){re.escape(self.email)}(?![\w-]|\.\w)")
        parts += [
            _as_written(each) for each in self.phones if len(_digits(each)) >= _SHORTEST_NUMBER
        ]
        return re.compile("|".join(parts), re.IGNORECASE)

    def are_in(self, value: Any) -> bool:
        """Whether anything of the person stands in it."""
        return bool(self.out_of(value) != value)

    def out_of(self, value: Any) -> Any:
        """The same without them; somebody with an address of their own in a list leaves it."""
        if isinstance(value, str):
            return self.pattern.sub(GONE, value)
        if isinstance(value, list):
            return [self.out_of(each) for each in value if not self.is_of(each)]
        if isinstance(value, dict):
            return {
                key: None if self.is_of(each) else self.out_of(each) for key, each in value.items()
            }
        return value

    def is_of(self, value: Any) -> bool:
        """Whether this JSON object is the person: a roster's line, a facilitator, a host."""
        email = value.get("email") if isinstance(value, dict) and self.email else None
        return isinstance(email, str) and email.casefold() == self.email.casefold()

    def may_be_in(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """What finds the rows that are worth a look, in text and in JSON as it is stored."""
        text = sa.cast(column, sa.Text)
        words = [each for each in (self.email, *self.names) if each]
        needles = {form for each in words for form in (each, _in_json(each))}
        likes = [text.icontains(each, autoescape=True) for each in sorted(needles)]
        likes += [text.like(f"%{'%'.join(_groups(each))}%") for each in self.phones if each]
        return sa.or_(*likes)


def sweep(database: Database, tables: Iterable[sa.Table], traces: Traces) -> dict[str, list[Any]]:
    """Take somebody out of every column of words or JSON; the keys of the rows changed, by table.

    Looks without a lock and writes a few rows at a time; done again, it finds nothing.
    """
    return {table.name: list(_swept(database, table, traces)) for table in tables}


def _swept(database: Database, table: sa.Table, traces: Traces) -> Iterator[Any]:
    columns = [each for each in table.columns if _holds_words(each)]
    if not columns:
        return
    keys = list(table.primary_key.columns)
    query = sa.select(*keys).where(sa.or_(*map(traces.may_be_in, columns)))
    with database.reading() as db:
        found = db.execute(query).all()
    for start in range(0, len(found), AT_ONCE):
        for row in found[start : start + AT_ONCE]:
            where = sa.and_(*(key == value for key, value in zip(keys, row, strict=True)))
            if _cleaned(database, table, columns, where, traces):
                yield row[0]


def _cleaned(
    database: Database,
    table: sa.Table,
    columns: Sequence[sa.Column[Any]],
    where: sa.ColumnElement[bool],
    traces: Traces,
) -> bool:
    with database.writing() as db:
        row = db.execute(sa.select(*columns).where(where).with_for_update()).first()
        if row is None:
            return False
        clean = {
            column.name: None if traces.is_of(value) else traces.out_of(value)
            for column, value in zip(columns, row, strict=True)
            if traces.are_in(value)
        }
        if clean:
            db.execute(sa.update(table).where(where).values(clean))
    return bool(clean)


def _holds_words(column: sa.Column[Any]) -> bool:
    return not column.primary_key and isinstance(column.type, sa.String | sa.JSON)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


def _digits(number: str) -> str:
    return "".join(each for each in number if each.isdigit())[-10:]


def _groups(number: str) -> tuple[str, ...]:
    digits = _digits(number)
    return digits[:3], digits[3:6], digits[6:]


def _as_written(number: str) -> str:
    """A number's last ten digits with or without what people put between them."""
    return r"\+?\d{0,2}[\s().-]{0,3}" + r"[\s().-]{0,3}".join(_digits(number))
