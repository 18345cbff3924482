"""The database: transactions, locks, rows, and what its two dialects write differently."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from threading import Lock
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from services.chassis.engines import BUSY_TIMEOUT_MS, make_engine

Row = TypeVar("Row", bound=DeclarativeBase)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python; SQLite, which knows no zones, keeps it without one."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value: it would mean another instant on another machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


Counter = Annotated[int, mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"))]
"""A count in 64 bits, which is what SQLite's INTEGER has anyway."""

COLUMN_TYPES = {
    datetime: UtcDateTime(),
    UUID: sa.Uuid(),
    dict[str, Any]: sa.JSON(),
    list[Any]: sa.JSON(),
}
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class ChassisBase(DeclarativeBase):
    """The tables that every service has in its own database: outbox, inbox, leases, staff."""

    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = COLUMN_TYPES


class Database:
    """One service's database; the only place where a transaction begins and ends."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._turn = Lock() if self.engine.dialect.name == "sqlite" else None
        one_moment = {} if self._turn else {"isolation_level": "REPEATABLE READ"}
        self._read_only = self.engine.execution_options(turnout_read_only=True, **one_moment)
        alone = {} if self._turn else {"isolation_level": "AUTOCOMMIT"}
        self._looking = self.engine.execution_options(turnout_alone=True, **alone)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that may write: committed at the end, undone by an exception.

        On SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that what it reads stays
        true until it commits; on PostgreSQL `locked` does that for a row.
        """
        with self._in_turn(), Session(self.engine, expire_on_commit=False) as db, db.begin():
            yield db

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One transaction that only reads, all of it as of one moment; it holds up no writer.

        SQLite sees a database so by itself; PostgreSQL would see each query's own moment, and a
        page could ask for the place in line of somebody who was not there a query before. What
        was loaded can still be read after it, as it was.
        """
        with Session(self._read_only, expire_on_commit=False) as db:
            yield db
            db.expunge_all()
            db.rollback()

    def look(self, statement: sa.Select[Any], **values: Any) -> Any:
        """The only row of one query, in a third of the time that `reading` takes.

        For what is asked at each request; the one statement is a transaction by itself.
        """
        with self._looking.connect() as connection:
            return connection.execute(statement, values).one()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Let this process's threads take turns at SQLite's one writer.

        SQLite waits by sleeping and looking again, which is not fair: among sixty at once some
        would give up. Whoever gets no turn in time tries all the same, and SQLite decides.
        """
        held = self._turn is not None and self._turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if held and self._turn is not None:
                self._turn.release()

    def dispose(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def table_of(model: type[DeclarativeBase]) -> sa.Table:
    """The table under a model: statements on it alone are carried out without the ORM's detours."""
    return cast("sa.Table", model.__table__)


def locked(db: Session, model: type[Row], key: Any) -> Row | None:
    """The row as it is now, nobody else writing it until this transaction ends.

    SQLite ignores FOR UPDATE; there `writing` holds the lock on the whole file already.
    """
    return db.scalars(_lock(model), {"key": key}).one_or_none()


@cache
def _lock(model: type[DeclarativeBase]) -> sa.Select[Any]:
    """Made once: putting a statement together takes longer than carrying it out."""
    [column] = sa.inspect(model).primary_key
    query = sa.select(model).where(column == sa.bindparam("key", type_=column.type))
    return query.with_for_update(of=model).execution_options(populate_existing=True)


def insert_rows(db: Session, rows: Sequence[DeclarativeBase]) -> None:
    """Insert new rows of one table at once, in their order; they stay outside of the session.

    What they leave unsaid gets the columns' defaults, in the objects too.
    """
    if rows:
        db.execute(_insert_into(type(rows[0])), [_completed(each) for each in rows])


def _completed(row: DeclarativeBase) -> dict[str, Any]:
    columns = table_of(type(row)).c
    values = {name: value for name, value in vars(row).items() if name in columns}
    for name, default in _defaults(type(row)).items():
        if name not in values:
            values[name] = default
            setattr(row, name, default)
    return values


@cache
def _insert_into(model: type[DeclarativeBase]) -> sa.Insert:
    return sa.insert(table_of(model))


@cache
def _defaults(model: type[DeclarativeBase]) -> dict[str, Any]:
    """What the columns of a new row hold until somebody says otherwise, by attribute."""
    found = {each.key: each.default for each in table_of(model).c}
    return {
        name: default.arg if isinstance(default, sa.ColumnDefault) and default.is_scalar else None
        for name, default in found.items()
    }


def insert_new(db: Session, model: type[DeclarativeBase], **values: Any) -> bool:
    """Insert a row unless one with its key is there; tells whether it was new."""
    db.flush()
    return db.execute(_insertion(_insert(db), model), values).first() is not None


def insert_all_new(
    db: Session, model: type[DeclarativeBase], rows: Sequence[dict[str, Any]], *key: str
) -> set[tuple[Any, ...]]:
    """Insert those rows of which none with their key is there; returns the primary keys of these.

    `key` names the columns that are their key, where that is not the primary one.
    """
    db.flush()
    # Of two who insert some of the same in one order, one waits for the other, not each for each.
    in_order = sorted(rows, key=itemgetter(*(key or table_of(model).primary_key.columns.keys())))
    return {tuple(each) for each in db.execute(_insertion(_insert(db), model), in_order)}


def count_up(
    db: Session, counter: InstrumentedAttribute[int], keys: Iterable[Any], *, at_least: int = 1
) -> dict[Any, int]:
    """Add one to the counter of each of these primary keys, or more to reach `at_least`.

    Returns them by key. Two transactions that count the same key wait for each other.
    """
    db.flush()
    rows = [{"key": key, "number": at_least} for key in sorted(keys)]
    counted: dict[Any, int] = dict(db.execute(_count(_insert(db), counter), rows).all())
    return counted


@cache
def _insertion(insert: Any, model: type[DeclarativeBase]) -> Any:
    """Inserts what is new and returns its key; the columns are those it is executed with."""
    table = table_of(model)
    return insert(table).on_conflict_do_nothing().returning(*table.primary_key)


@cache
def _count(insert: Any, counter: InstrumentedAttribute[int]) -> Any:
    table = table_of(counter.class_)  # type: ignore[arg-type]
    [key], number = table.primary_key.columns, table.c[counter.key]
    new = {key: sa.bindparam("key"), number: sa.bindparam("number", type_=number.type)}
    statement = insert(table).values(new).returning(key, number)
    least = statement.excluded[number.key]
    following = {number: sa.case((number < least, least), else_=number + 1)}
    return statement.on_conflict_do_update(index_elements=[key], set_=following)


def hex_of(identifier: InstrumentedAttribute[Any]) -> sa.ColumnElement[str]:
    """The 32 hexadecimal digits of an id, however a column holds it: to compare and to order by."""
    return sa.func.replace(sa.cast(identifier, sa.Text), "-", "")


def _insert(db: Session) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT."""
    return postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
