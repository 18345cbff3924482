"""The audit log: each act once and in order, and whatever is done to it afterwards shows."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.audit import (
    Act,
    AuditEntry,
    AuditHead,
    append,
    broken_at,
    forget_entries,
    head_of,
    is_part,
)
from services.chassis.service import Runtime
from tests.chassis.conftest import NOW


def an_act(**but: object) -> Act:
    usual = {
        "actor_id": "0190-staff",
        "actor": "Coordinator",
        "role": "coordinator",
        "action": "see_roster",
        "subject": "session:1",
        "details": {"form": "csv"},
    }
    return Act(**(usual | but))


def write(runtime: Runtime, count: int) -> None:
    for number in range(count):
        with runtime.database.writing() as db:
            append(db, an_act(subject=f"session:{number}"), NOW + timedelta(minutes=number))


def first_break(runtime: Runtime) -> int | None:
    with runtime.database.reading() as db:
        return broken_at(db)


def test_acts_are_numbered_without_a_gap_and_the_chain_is_whole(runtime: Runtime) -> None:
    write(runtime, 5)
    with runtime.database.reading() as db:
        entries = db.scalars(sa.select(AuditEntry).order_by(AuditEntry.number)).all()
        assert [each.number for each in entries] == [1, 2, 3, 4, 5]
        assert (entries[0].at, entries[0].details) == (NOW, {"form": "csv"})
        assert head_of(db) == (5, entries[-1].digest)
    assert first_break(runtime) is None


def test_an_empty_log_is_whole(runtime: Runtime) -> None:
    assert first_break(runtime) is None


def test_an_act_whose_transaction_fails_leaves_nothing(runtime: Runtime) -> None:
    write(runtime, 1)
    with pytest.raises(RuntimeError), runtime.database.writing() as db:
        append(db, an_act(), NOW)
        raise RuntimeError("after all not")
    write(runtime, 1)
    with runtime.database.reading() as db:
        assert head_of(db)[0] == 2
    assert first_break(runtime) is None


def test_many_at_once_stand_in_one_line(runtime: Runtime) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: write(runtime, 5), range(8)))
    with runtime.database.reading() as db:
        assert head_of(db)[0] == 40
    assert first_break(runtime) is None


def changed(db: Session) -> None:
    db.execute(sa.update(AuditEntry).where(AuditEntry.number == 3).values(actor="Somebody else"))


def moved_in_time(db: Session) -> None:
    later = NOW + timedelta(days=1)
    db.execute(sa.update(AuditEntry).where(AuditEntry.number == 3).values(at=later))


def taken_out(db: Session) -> None:
    db.execute(sa.delete(AuditEntry).where(AuditEntry.number == 3))


def taken_out_and_closed_up(db: Session) -> None:
    taken_out(db)
    for number in (4, 5):
        renumbered = sa.update(AuditEntry).where(AuditEntry.number == number)
        db.execute(renumbered.values(number=number - 1))


def exchanged(db: Session) -> None:
    for before, after in ((3, 99), (4, 3), (99, 4)):
        db.execute(sa.update(AuditEntry).where(AuditEntry.number == before).values(number=after))


def slipped_in(db: Session) -> None:
    third = db.get_one(AuditEntry, 3)
    kept = {each.key: getattr(third, each.key) for each in AuditEntry.__table__.columns}
    db.execute(sa.update(AuditEntry).where(AuditEntry.number == 5).values(number=6))
    db.execute(sa.update(AuditEntry).where(AuditEntry.number == 4).values(number=5))
    db.execute(sa.insert(AuditEntry).values(kept | {"number": 4}))


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (changed, 3),
        (moved_in_time, 3),
        (taken_out, 3),
        (taken_out_and_closed_up, 3),
        (exchanged, 3),
        (slipped_in, 4),
    ],
)
def test_the_first_entry_that_was_tampered_with_is_named(
    runtime: Runtime, tamper: Callable[[Session], None], place: int
) -> None:
    write(runtime, 5)
    with runtime.database.writing() as db:
        tamper(db)
    assert first_break(runtime) == place


def test_entries_cut_off_at_the_end_are_missed(runtime: Runtime) -> None:
    write(runtime, 5)
    with runtime.database.writing() as db:
        db.execute(sa.delete(AuditEntry).where(AuditEntry.number > 3))
    assert first_break(runtime) == 4


def test_a_log_rewritten_from_its_beginning_no_longer_holds_a_head_noted_elsewhere(
    runtime: Runtime,
) -> None:
    write(runtime, 3)
    with runtime.database.reading() as db:
        number, digest = head_of(db)
        assert is_part(db, number, digest)
    with runtime.database.writing() as db:
        db.execute(sa.delete(AuditEntry))
        db.execute(sa.delete(AuditHead))
        for number_ in range(4):
            append(db, an_act(actor="Nobody in particular", subject=f"session:{number_}"), NOW)
    assert first_break(runtime) is None
    with runtime.database.reading() as db:
        assert not is_part(db, number, digest)


def test_what_retention_takes_away_leaves_the_rest_whole(runtime: Runtime) -> None:
    write(runtime, 10)
    with runtime.database.writing() as db:
        forget_entries(db, [1, 2, 3, 4])
        forget_entries(db, [5, 6])
    assert first_break(runtime) is None
    write(runtime, 1)
    with runtime.database.reading() as db:
        kept = db.scalars(sa.select(AuditEntry.number).order_by(AuditEntry.number)).all()
    assert kept == [7, 8, 9, 10, 11]
    assert first_break(runtime) is None
    with runtime.database.writing() as db:
        db.execute(sa.delete(AuditEntry).where(AuditEntry.number == 7))
    assert first_break(runtime) == 7
