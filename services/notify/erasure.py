"""Erasing somebody's mail: after the last one has left, what is kept is that there was some."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.erasing import Order, sweep_all
from services.chassis.erasure_list import Known, take_orders_again
from services.chassis.salted import salted
from services.chassis.service import Runtime
from services.chassis.traces import Traces
from services.notify.deliveries import PERSON_ERASED, supersede
from services.notify.facts import without_people
from services.notify.models import (
    HELD,
    QUEUED,
    SENDING,
    UNDER_WAY,
    Attempt,
    Delivery,
    ProviderEvent,
    SentCopy,
    SubjectState,
    Suppression,
)
from services.notify.retention import forget_recipient
from services.notify.suppressions import address_key
from services.notify.their_mail import theirs
from services.notify.transports import folder_of

LAST_MAIL_WITHIN = timedelta(hours=1)
"""How long the erasure waits for the mail about places that it ended."""

AT_ONCE = 100


def erase_mail(runtime: Runtime, order: Order) -> dict[str, int] | None:
    """Erase all mail of somebody, a few rows at a time; None while one of it is on its way."""
    with runtime.database.writing() as db:
        _hold_back(db, order)
        if _is_on_its_way(db, order):
            return None
    count = 0
    while erased := _erase_some(runtime, order):
        count += erased
    _close_subjects(runtime, order)
    stops = _keep_stops_as_hashes(runtime, order)
    swept = sweep_all(runtime, _traces(runtime, order), order.who["request_id"])
    _forget_copies(runtime, swept.get("delivery", []))
    return {"mails": count, "stops": stops, "words": sum(map(len, swept.values()))}


def _hold_back(db: Session, order: Order) -> None:
    """Nothing goes to them any more but the last mail."""
    query = sa.select(Delivery).where(
        theirs(order),
        Delivery.state == QUEUED,
        Delivery.event_id.not_in(order.who["last_mail"]),
    )
    for delivery in db.scalars(query.with_for_update(skip_locked=True)):
        supersede(delivery, PERSON_ERASED)


def _is_on_its_way(db: Session, order: Order) -> bool:
    """Whether a sender holds a mail of theirs, or the last one has yet to arrive and to leave."""
    held = sa.select(Delivery.id).where(theirs(order), Delivery.state == SENDING)
    if db.scalar(held.limit(1)) is not None or _holds_a_roster(db, order):
        return True
    if order.now > order.asked_at + LAST_MAIL_WITHIN:
        return False
    last = order.who["last_mail"]
    query = sa.select(Delivery.state).where(Delivery.event_id.in_(last))
    states = db.scalars(query).all()
    return len(states) < len(last) or any(each in UNDER_WAY for each in states)


def _holds_a_roster(db: Session, order: Order) -> bool:
    """Whether a sender is at work on somebody else's mail that tells of them."""
    if not order.traces:
        return False
    tells = order.traces.may_be_in(sa.type_coerce(Delivery.context, sa.JSON))
    query = sa.select(Delivery.id).where(Delivery.state == SENDING, tells)
    return db.scalar(query.limit(1)) is not None


def _erase_some(runtime: Runtime, order: Order) -> int:
    known = sa.or_(Delivery.recipient_email != "", Delivery.needed_until.is_not(None))
    query = sa.select(Delivery).where(theirs(order), known).limit(AT_ONCE)
    with runtime.database.writing() as db:
        mails = db.scalars(query.with_for_update()).all()
        for delivery in mails:
            _erase(delivery)
        _erase_words(db, [each.id for each in mails])
    _remove_files(runtime, [each.id for each in mails])
    return len(mails)


def _erase(delivery: Delivery) -> None:
    if delivery.state in (*UNDER_WAY, HELD):
        supersede(delivery, PERSON_ERASED)
    delivery.context, delivery.needed_until = without_people(delivery.context), None
    delivery.dedupe_key = f"erased:{delivery.id}"  # It can hold a hash of the address.
    forget_recipient(delivery)


def _erase_words(db: Session, ids: Sequence[UUID]) -> None:
    db.execute(sa.delete(SentCopy).where(SentCopy.delivery_id.in_(ids)))
    tries = sa.update(Attempt).where(Attempt.delivery_id.in_(ids))
    db.execute(tries.values(address="", words=""))
    reports = sa.update(ProviderEvent).where(ProviderEvent.delivery_id.in_(ids))
    db.execute(reports.values(words=""))


def _close_subjects(runtime: Runtime, order: Order) -> None:
    """No event about them that comes late calls for mail."""
    ids = order.who["registration_ids"]
    with runtime.database.writing() as db:
        rows = sa.update(SubjectState).where(SubjectState.registration_id.in_(ids))
        db.execute(rows.values(email="", ended=True, erased=True))


def _keep_stops_as_hashes(runtime: Runtime, order: Order) -> int:
    """Whoever objected must not be written to again, though we no longer know who it is."""
    if order.who["name"]:
        return 0  # Others use the address.
    key = address_key(order.who["email"])
    with runtime.database.writing() as db:
        rows = db.scalars(sa.select(Suppression).where(Suppression.address_key == key)).all()
        for row in rows:
            if row.until is not None and row.until <= order.now:
                db.delete(row)
            else:
                row.address_key, row.words = salted(key), ""
    return len(rows)


def _traces(runtime: Runtime, order: Order) -> Traces:
    """Nothing is swept of somebody who has come back since: they are known again."""
    query = sa.select(Delivery.id).where(
        sa.func.lower(Delivery.recipient_email) == order.who["email"].lower(),
        Delivery.event_time > order.asked_at,
    )
    with runtime.database.reading() as db:
        is_back = db.scalar(query.limit(1)) is not None
    return Traces("") if is_back and not order.who["name"] else order.traces


def _forget_copies(runtime: Runtime, ids: Sequence[Any]) -> None:
    """Rosters that went to others and told of them are not kept as they were sent."""
    with runtime.database.writing() as db:
        db.execute(sa.delete(SentCopy).where(SentCopy.delivery_id.in_(ids)))
    _remove_files(runtime, ids)


def _remove_files(runtime: Runtime, ids: Sequence[Any]) -> None:
    if folder := folder_of(runtime.settings):
        for each in ids:
            Path(folder / f"{each}.eml").unlink(missing_ok=True)


def erase_again(runtime: Runtime) -> int:
    """After a restore: order anew the erasure of whom the database knows again."""
    who = (Delivery.recipient_email, Delivery.recipient_name)
    query = sa.select(*who, sa.func.min(Delivery.event_time), Delivery.subject_id)
    query = query.where(Delivery.recipient_email != "").group_by(*who, Delivery.subject_id)
    with runtime.database.reading() as db:
        rows = db.execute(query).all()
    return take_orders_again(runtime, [Known(*row) for row in rows])
