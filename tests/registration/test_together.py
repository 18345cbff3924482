"""Sign-ups that come at the same moment: one transaction for all, and each has an answer."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from uuid import UUID

import pytest
import sqlalchemy as sa
import structlog

from services.chassis import engines
from services.chassis.db import Database
from services.chassis.outbox import OutboxRow
from services.chassis.service import Runtime
from services.registration import together
from services.registration.answers import Answer, NotBookable, SignUp
from services.registration.models import Registration
from services.registration.seats import lock_session
from services.registration.together import sign_up_together
from tests.facts import eventually
from tests.registration.factories import NOW, a_session, an_entry, told
from tests.statements import counted

UNSTORABLE = "\ud800"


@contextmanager
def held(runtime: Runtime, session_id: UUID) -> Iterator[None]:
    """As if another process were writing a sign-up for the session meanwhile."""
    other = Database(runtime.database.engine.url.render_as_string(hide_password=False))
    with other.writing() as db:
        lock_session(db, session_id)
        yield
    other.dispose()


def coming(
    pool: ThreadPoolExecutor,
    runtime: Runtime,
    session_id: UUID,
    entries: Sequence[SignUp],
    keys: Sequence[str] = (),
) -> list[Future[Answer]]:
    """All of them come, one after another, and wait."""

    def come(entry: SignUp, key: str) -> Answer:
        with structlog.contextvars.bound_contextvars(correlation_id=f"of {entry.name}"):
            return sign_up_together(runtime.database, session_id, entry, key=key, now=NOW)

    def is_waiting(number: int) -> None:
        assert [len(queue) for queue in together._queues.values()] == [number]

    futures = []
    for entry, key in zip(entries, keys or repeat(""), strict=False):
        futures.append(pool.submit(come, entry, key))
        eventually(partial(is_waiting, len(futures)))
    return futures


def at_once(
    runtime: Runtime, session_id: UUID, entries: Sequence[SignUp], keys: Sequence[str] = ()
) -> list[Future[Answer]]:
    """What became of those who all waited, in this order, when the session became free."""
    with ThreadPoolExecutor(len(entries)) as pool, held(runtime, session_id):
        return coming(pool, runtime, session_id, entries, keys)


def members(number: int) -> list[SignUp]:
    return [an_entry(f"Member {each:02}") for each in range(number)]


def registered(runtime: Runtime) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Registration)) or 0


def test_whoever_waits_is_written_in_one_transaction_in_the_order_they_came(
    runtime: Runtime,
) -> None:
    session_id = a_session(runtime, capacity=2)
    with counted(runtime) as statements:
        answers = [each.result() for each in at_once(runtime, session_id, members(12))]
    assert sum("INSERT INTO registration" in each for each in statements) == 1
    assert [each.place for each in answers] == [None, None, *range(1, 11)]
    assert [each.registration.arrival for each in answers] == list(range(1, 13))
    assert told(runtime).count("seats.changed.v1") == 1
    assert together._queues == {}


def test_each_ones_event_has_the_number_of_their_own_request(runtime: Runtime) -> None:
    futures = at_once(runtime, a_session(runtime), members(3))
    whose = {str(each.result().registration.id): each.result().registration for each in futures}
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(OutboxRow).where(OutboxRow.subject.in_(whose))).all()
    said = {row.subject: row.envelope["correlationid"] for row in rows if row.envelope}
    assert said == {key: f"of {each.name}" for key, each in whose.items()}


def test_one_who_cannot_be_written_costs_nobody_else_their_seat(runtime: Runtime) -> None:
    session_id = a_session(runtime, capacity=5)
    entries = [*members(3), an_entry("Broken", role=UNSTORABLE), an_entry("Last")]
    *good, broken, last = at_once(runtime, session_id, entries)
    with pytest.raises(Exception, match="surrogate"):
        broken.result()
    assert {each.result().registration.state for each in (*good, last)} == {"confirmed"}
    assert registered(runtime) == 4


def test_one_request_that_comes_twice_at_once_has_one_answer(runtime: Runtime) -> None:
    first, again = at_once(runtime, a_session(runtime), members(1) * 2, keys=["same", "same"])
    assert first.result().registration.id == again.result().registration.id
    assert not again.result().repeated
    assert registered(runtime) == 1


def test_one_address_that_comes_twice_at_once_gets_one_place(runtime: Runtime) -> None:
    entries = [an_entry("Alex Rivera"), an_entry("Alex Rivera", email="ALEX.RIVERA@example.org")]
    first, again = at_once(runtime, a_session(runtime), entries, keys=["one", "other"])
    assert (first.result().repeated, again.result().repeated) == (False, True)
    assert registered(runtime) == 1


def test_all_who_wait_are_told_when_the_session_does_not_become_free(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = a_session(runtime)
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 1_000)
    with ThreadPoolExecutor(3) as pool, held(runtime, session_id):
        for each in coming(pool, runtime, session_id, members(3)):
            assert isinstance(each.exception(), sa.exc.OperationalError)
    assert registered(runtime) == 0


def test_there_is_no_signing_up_for_a_session_that_is_not_there(runtime: Runtime) -> None:
    with pytest.raises(NotBookable) as refused:
        sign_up_together(runtime.database, UUID(int=1), an_entry(), now=NOW)
    assert refused.value.reason == "unknown"
    assert together._queues == {}
