"""Erasing somebody from one service: an order that the clock carries out, and what it leaves.

Each service has its own order, made by the event that registration sends. It is carried out in
small steps, again and again until it is done, so that a death in between costs nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from services.chassis.db import ChassisBase, insert_new, locked
from services.chassis.inbox import InboxRow
from services.chassis.log import logger
from services.chassis.outbox import OutboxRow, publish
from services.chassis.read_once import read_once
from services.chassis.salted import is_of, salted
from services.chassis.service import Runtime
from services.chassis.traces import Traces, sweep
from services.contracts import Event
from services.contracts.people import ERASED, WhoToErase

ERASED_EVENT = "erased"
"""The outcome of a parked event that was about nobody else."""

_KEPT_TABLES = frozenset(
    {"outbox", "inbox", "staff_member", "erasure", "audit_entry", "audit_head"}
)
"""Events go another way; accounts stay; the audit log holds no words of members."""


log = logger(__name__)


class Erasure(ChassisBase):
    """Somebody to erase. Once it is done only a salted hash of the address is left of them."""

    __tablename__ = "erasure"

    request_id: Mapped[UUID] = mapped_column(primary_key=True)
    who: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    address_hash: Mapped[str] = mapped_column(sa.String(120))
    asked_at: Mapped[datetime] = mapped_column(index=True)
    done_at: Mapped[datetime | None]


_ERASED = sa.select(Erasure.address_hash, Erasure.asked_at).where(
    Erasure.done_at.is_not(None), Erasure.address_hash != ""
)


@dataclass(frozen=True)
class Order:
    """An order as the service's eraser gets it; `who` are the contract's data."""

    who: dict[str, Any]
    asked_at: datetime
    now: datetime

    @property
    def traces(self) -> Traces:
        """What tells of the person, and of nobody else.

        Not an address that others use too; and of staff, whose account stays, neither address
        nor name, for those stand beside what they have done.
        """
        who = self.who
        email = "" if who["name"] or who["is_staff"] else who["email"]
        names = () if who["is_staff"] else tuple(who["names"])
        return Traces(email, names, tuple(who["phones"]))

    def is_theirs(self, email: str, name: str) -> bool:
        """Whether something that goes to this address, under this name, is theirs."""
        is_same = email.casefold() == self.who["email"].casefold()
        return is_same and self.who["name"].casefold() in ("", name.casefold())


def on_erasure_asked(db: Session, event: Event, now: datetime) -> None:
    """Take the order; the clock carries it out."""
    take_order(db, event.data, asked_at=event.time)


def take_order(db: Session, who: dict[str, Any], *, asked_at: datetime) -> None:
    """Write down whom to erase."""
    is_all = not (who["name"] or who["is_staff"])  # Otherwise the address stays in use.
    kept = {
        "who": WhoToErase().dump(who),
        "address_hash": salted(who["email"]) if is_all else "",
    }
    insert_new(db, Erasure, request_id=who["request_id"], asked_at=asked_at, **kept)


def erase_the_asked(runtime: Runtime, now: datetime) -> int:
    """Carry out the orders that are open; returns how many were finished."""
    query = sa.select(Erasure).where(Erasure.done_at.is_(None)).order_by(Erasure.asked_at)
    with runtime.database.reading() as db:
        orders = db.scalars(query).all()
    return sum(_carry_out(runtime, each, now) for each in orders)


def was_erased(db: Session, email: str, *, since: datetime) -> bool:
    """Whether somebody with this address has been erased since a moment, such as an event's."""
    found = read_once(db, _ERASED)
    return any(each.asked_at >= since and is_of(each.address_hash, email) for each in found)


def sweep_all(runtime: Runtime, traces: Traces, request_id: UUID) -> dict[str, list[Any]]:
    """Take somebody out of every table of the service; the keys of the rows changed, by table.

    The events of the request itself stay until it is done.
    """
    if not traces:
        return {}
    metadata = (runtime.service.metadata, ChassisBase.metadata)
    tables = [table for each in metadata for table in each.sorted_tables]
    _sweep_events(runtime, traces, request_id)
    swept = [each for each in tables if each.name not in _KEPT_TABLES]
    return sweep(runtime.database, swept, traces)


def forget_events(db: Session, subjects: list[str], *, but: Sequence[UUID] = ()) -> None:
    """Empty what was told of these subjects.

    What is still under way arrives, and is confirmed, as any other event; but to nobody.
    """
    rows = sa.select(OutboxRow).where(
        OutboxRow.subject.in_(subjects),
        OutboxRow.event_id.not_in(but),
        OutboxRow.envelope.is_not(None),
    )
    for row in db.scalars(rows.with_for_update()):
        row.envelope = None if row.confirmed_at else _to_nobody(row.envelope)
    parked = sa.update(InboxRow).where(
        InboxRow.subject.in_(subjects), InboxRow.envelope.is_not(None)
    )
    db.execute(parked.values(envelope=None, error="", outcome=ERASED_EVENT))


def _to_nobody(envelope: dict[str, Any] | None) -> dict[str, Any] | None:
    if envelope is None or "recipient" not in envelope["data"]:
        return envelope
    blank = {name: "" for name in ("message", "previous_email") if name in envelope["data"]}
    nobody = {"recipient": envelope["data"]["recipient"] | {"name": "", "email": ""}}
    return envelope | {"data": envelope["data"] | nobody | blank}


def _carry_out(runtime: Runtime, erasure: Erasure, now: datetime) -> int:
    if erasure.who is None or runtime.service.eraser is None:
        return 0
    who = WhoToErase().load(erasure.who)
    counts = runtime.service.eraser(runtime, Order(who, erasure.asked_at, now))
    if counts is None:
        return 0  # Something has to happen first; the clock comes round again.
    with runtime.database.writing() as db:
        row = locked(db, Erasure, erasure.request_id)
        if row is None or row.done_at is not None:
            return 0
        row.done_at = now
        if (contract := ERASED.get(runtime.service.name)) is not None:
            row.who = None
            data = {"request_id": row.request_id, "counts": counts}
            publish(db, contract, subject=row.request_id, data=data, now=now)
    log.info("erased somebody", request_id=str(erasure.request_id), **counts)
    return 1


def _sweep_events(runtime: Runtime, traces: Traces, request_id: UUID) -> None:
    """What has been told is emptied; what is under way goes on without the person."""
    for model in (OutboxRow, InboxRow):
        with runtime.database.reading() as db:
            keys = db.scalars(
                sa.select(model.event_id).where(_mentions(model, traces, request_id))
            ).all()
        for key in dict.fromkeys(keys):
            with runtime.database.writing() as db:
                rows: Sequence[Any] = db.scalars(sa.select(model).filter_by(event_id=key)).all()
                for row in rows:
                    _clean_event(row, traces)


def _mentions(
    model: type[OutboxRow] | type[InboxRow], traces: Traces, request_id: UUID
) -> sa.ColumnElement[bool]:
    """Which events are worth a look; what is told of staff accounts stays, as the accounts do."""
    return sa.and_(
        model.envelope.is_not(None),
        sa.or_(*(traces.may_be_in(each) for each in _columns(model))),
        ~model.type.startswith("staff."),
        model.subject != str(request_id),
    )


def _columns(model: type[OutboxRow] | type[InboxRow]) -> Iterator[sa.ColumnElement[Any]]:
    yield sa.type_coerce(model.envelope, sa.JSON)
    if model is InboxRow:
        yield sa.type_coerce(InboxRow.error, sa.Text)


def _clean_event(row: OutboxRow | InboxRow, traces: Traces) -> None:
    if row.envelope is None or not traces.are_in([row.envelope, getattr(row, "error", "")]):
        return
    to_them = traces.is_of(row.envelope["data"].get("recipient"))
    if isinstance(row, InboxRow):
        row.error = traces.out_of(row.error)
        row.envelope = None if to_them else traces.out_of(row.envelope)
        row.outcome = ERASED_EVENT if to_them else row.outcome
    elif row.confirmed_at is not None:
        row.envelope = None
    elif not to_them:
        row.envelope = traces.out_of(row.envelope)
