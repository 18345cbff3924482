"""Outbox, relay, inbox and leases: nothing lost, nothing twice, nothing swallowed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from celery import Celery
from kombu.exceptions import OperationalError

from services.chassis.broker import make_celery
from services.chassis.clock import LEASE, hold_lease
from services.chassis.health import RELAY, WORKER, beat, read_health
from services.chassis.inbox import ATTEMPTS_BEFORE_PARKING, ENDED_ITS_PROCESS, PARKED, InboxRow
from services.chassis.outbox import (
    ConfirmationRow,
    OutboxRow,
    SubjectSequence,
    confirm,
    publish,
    send_again,
)
from services.chassis.relay import SENT_AGAIN, relay
from services.chassis.service import Runtime
from services.contracts import to_envelope
from services.contracts.envelope import Event
from services.contracts.sessions import SEATS_CHANGED, SESSION_PUBLISHED
from services.registration.models import WorkshopSession
from tests.brokers import Broker
from tests.chassis.conftest import NOW, Moody
from tests.databases import settings_for
from tests.registration.factories import facts

SEATS = {"capacity": 5, "held": 1, "waiting": 0}


@pytest.fixture
def celery(broker: Broker, tmp_path: Path) -> Celery:
    broker.empty()
    return make_celery("registration", settings_for(tmp_path, TURNOUT_REDIS_URL=broker.url))


def announce(runtime: Runtime, **but: Any) -> Event:
    session_id, now = but.pop("session_id", facts()["session_id"]), but.pop("now", NOW)
    data = {"session_id": session_id} | SEATS | but
    with runtime.database.writing() as db:
        return publish(db, SEATS_CHANGED, subject=session_id, data=data, now=now)


def outbox(runtime: Runtime) -> list[OutboxRow]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(OutboxRow).order_by(OutboxRow.event_id)))


def an_envelope(**but: Any) -> dict[str, Any]:
    data = SESSION_PUBLISHED.dump(facts(**but))
    event = Event(
        id=facts()["session_id"],
        type=SESSION_PUBLISHED.type,
        source="catalog",
        subject=data["session_id"],
        time=NOW,
        sequence=1,
        correlationid="test",
        data=data,
    )
    return to_envelope(event)


def sessions(runtime: Runtime) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(WorkshopSession)) or 0


def inbox_row(runtime: Runtime) -> InboxRow:
    with runtime.database.reading() as db:
        return db.scalars(sa.select(InboxRow)).one()


def test_an_event_leaves_with_its_transaction_or_not_at_all(runtime: Runtime) -> None:
    with pytest.raises(RuntimeError), runtime.database.writing() as db:
        data = {"session_id": facts()["session_id"]} | SEATS
        publish(db, SEATS_CHANGED, subject="one", data=data, now=NOW)
        raise RuntimeError
    assert outbox(runtime) == []


def test_an_event_that_does_not_fit_its_contract_is_never_written(runtime: Runtime) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        announce(runtime, capacity=None)
    assert outbox(runtime) == []


def test_of_unsent_states_only_the_newest_is_kept_and_the_sequence_goes_on(
    runtime: Runtime,
) -> None:
    session_id = facts()["session_id"]
    for held in (1, 2, 3):
        announce(runtime, session_id=session_id, held=held)
    [row] = outbox(runtime)
    expected = int(NOW.timestamp() * 1000) + 2
    assert (row.envelope["sequence"], row.envelope["data"]["held"]) == (expected, 3)


def test_a_database_of_an_earlier_moment_does_not_count_again_what_others_have_seen(
    runtime: Runtime,
) -> None:
    known, new = facts()["session_id"], facts()["session_id"]
    before = announce(runtime, session_id=known).sequence
    seen = [announce(runtime, session_id=each).sequence for each in (known, known, new)]
    with runtime.database.writing() as db:
        db.execute(sa.delete(SubjectSequence).where(SubjectSequence.subject == str(new)))
        db.get_one(SubjectSequence, str(known)).last = before
    later = NOW + timedelta(minutes=1)
    for each in (known, new):
        assert announce(runtime, session_id=each, now=later).sequence > max(seen)


def test_a_row_is_sent_again_with_growing_patience_until_it_is_confirmed(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    event = announce(runtime)
    waits, now = [], NOW
    for _ in range(4):
        assert relay(runtime.database, celery, now) == 1
        assert relay(runtime.database, celery, now + timedelta(seconds=1)) == 0
        waits.append((outbox(runtime)[0].next_attempt_at - now).total_seconds())
        now = outbox(runtime)[0].next_attempt_at
    assert waits == [6, 12, 24, 48]
    newest_first = [bool(each["headers"].get(SENT_AGAIN)) for each in broker.messages("catalog")]
    assert newest_first == [True, True, True, False]
    with runtime.database.writing() as db:
        confirm(db, "catalog", [event.id], now)
    assert relay(runtime.database, celery, now) == 0


def test_a_confirmation_from_before_a_restore_does_not_stop_what_goes_out_again(
    runtime: Runtime, celery: Celery
) -> None:
    event = announce(runtime)
    relay(runtime.database, celery, NOW)
    with runtime.database.writing() as db:
        confirm(db, "catalog", [event.id], NOW)
        assert send_again(db, "catalog", NOW, NOW) == 1
        confirm(db, "catalog", [event.id], NOW)
    assert relay(runtime.database, celery, NOW) == 1
    with runtime.database.writing() as db:
        confirm(db, "catalog", [event.id], NOW)
    assert outbox(runtime)[0].confirmed_at == NOW


def test_while_the_broker_is_away_all_stays_due(runtime: Runtime, tmp_path: Path) -> None:
    announce(runtime)
    nobody = settings_for(tmp_path, TURNOUT_REDIS_URL="redis://127.0.0.1:1")
    with pytest.raises(OperationalError):
        relay(runtime.database, make_celery("registration", nobody), NOW)
    assert outbox(runtime)[0].attempts == 0


def test_nothing_is_sent_again_into_a_long_queue(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    announce(runtime)
    relay(runtime.database, celery, NOW)
    broker.fill("catalog", 300)
    assert relay(runtime.database, celery, NOW + timedelta(seconds=7)) == 0
    assert outbox(runtime)[0].attempts == 1


def test_the_content_of_an_event_is_in_no_header(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    announce(runtime)
    relay(runtime.database, celery, NOW)
    [message] = broker.messages("catalog")
    assert "capacity" not in str(message["headers"])


def test_an_event_that_comes_three_times_has_its_effect_once_and_is_confirmed(
    runtime: Runtime, moody: Moody
) -> None:
    envelope = an_envelope()
    for _ in range(3):
        runtime.inbox.receive(envelope, NOW)
    assert (sessions(runtime), moody.calls) == (1, 1)
    with runtime.database.reading() as db:
        [owed] = db.scalars(sa.select(ConfirmationRow))
    assert (str(owed.event_id), owed.producer) == (envelope["id"], "catalog")


def test_confirmations_travel_together_to_the_producer(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    for _ in range(3):
        runtime.inbox.receive(an_envelope(), NOW)
    relay(runtime.database, celery, NOW - timedelta(days=1))
    [message] = broker.messages("catalog")
    assert message["headers"]["task"] == "event.confirmed.v1"
    with runtime.database.reading() as db:
        assert db.scalars(sa.select(ConfirmationRow)).all() == []


def test_a_failing_handler_leaves_nothing_half_done_and_is_tried_again(
    runtime: Runtime, moody: Moody
) -> None:
    envelope, moody.fails = an_envelope(), True
    runtime.inbox.receive(envelope, NOW)
    assert sessions(runtime) == 0
    assert (inbox_row(runtime).outcome, inbox_row(runtime).attempts) == ("failed", 1)
    moody.fails = False
    runtime.inbox.receive(envelope, NOW)
    assert sessions(runtime) == 1
    assert inbox_row(runtime).outcome == "applied"


def test_an_event_that_keeps_failing_is_parked_and_staff_can_replay_it(
    runtime: Runtime, moody: Moody
) -> None:
    envelope, moody.fails = an_envelope(), True
    for _ in range(ATTEMPTS_BEFORE_PARKING + 2):
        runtime.inbox.receive(envelope, NOW)
    row = inbox_row(runtime)
    assert (row.outcome, moody.calls) == (PARKED, ATTEMPTS_BEFORE_PARKING)
    assert "moody today" in row.error
    assert "events are parked" in read_health(runtime.database, NOW).problems
    assert runtime.inbox.replay(row.event_id, NOW) is False
    assert inbox_row(runtime).outcome == PARKED
    moody.fails = False
    assert runtime.inbox.replay(row.event_id, NOW) is True
    assert sessions(runtime) == 1


def test_an_event_whose_handling_ends_the_process_each_time_is_parked_too(
    runtime: Runtime, moody: Moody
) -> None:
    envelope, moody.fails, moody.problem = an_envelope(), True, SystemExit("as if killed")
    for again in (False, *[True] * ATTEMPTS_BEFORE_PARKING):
        with pytest.raises(SystemExit):
            runtime.inbox.receive(envelope, NOW, again=again)
    runtime.inbox.receive(envelope, NOW, again=True)
    row = inbox_row(runtime)
    assert (row.outcome, row.error, row.envelope) == (PARKED, ENDED_ITS_PROCESS, envelope)
    assert moody.calls == ATTEMPTS_BEFORE_PARKING + 1
    moody.fails = False
    assert runtime.inbox.replay(row.event_id, NOW) is True
    assert sessions(runtime) == 1


@pytest.mark.parametrize(
    "problem", [sa.exc.OperationalError("", {}, Exception("locked")), SystemExit("as if killed")]
)
def test_a_replay_that_is_broken_off_leaves_the_event_parked(
    runtime: Runtime, moody: Moody, problem: BaseException
) -> None:
    envelope, moody.fails = an_envelope(), True
    for _ in range(ATTEMPTS_BEFORE_PARKING):
        runtime.inbox.receive(envelope, NOW)
    moody.problem = problem
    with pytest.raises(type(problem)):
        runtime.inbox.replay(inbox_row(runtime).event_id, NOW)
    runtime.inbox.receive(envelope, NOW, again=True)  # A copy that was still on its way.
    assert inbox_row(runtime).outcome == PARKED
    moody.fails = False
    assert runtime.inbox.replay(inbox_row(runtime).event_id, NOW) is True
    assert sessions(runtime) == 1


def test_a_parked_message_whose_event_has_come_since_changes_nothing_when_it_is_replayed(
    runtime: Runtime, moody: Moody
) -> None:
    envelope = an_envelope()
    runtime.inbox.park(envelope, "of a version that nobody here knew", NOW)
    parked = inbox_row(runtime).event_id
    runtime.inbox.receive(envelope, NOW)
    assert runtime.inbox.replay(parked, NOW) is True
    assert (moody.calls, sessions(runtime)) == (1, 1)


def test_an_event_that_comes_again_is_counted_once_for_each_attempt(
    runtime: Runtime, moody: Moody
) -> None:
    envelope, moody.fails = an_envelope(), True
    for again in (False, True, True):
        runtime.inbox.receive(envelope, NOW, again=again)
    assert (inbox_row(runtime).attempts, moody.calls) == (3, 3)
    moody.fails = False
    for _ in range(2):
        runtime.inbox.receive(envelope, NOW, again=True)
    row = inbox_row(runtime)
    assert (row.outcome, row.attempts, row.envelope, moody.calls) == ("applied", 4, None, 4)


def test_a_database_that_is_busy_is_not_held_against_the_event(
    runtime: Runtime, moody: Moody
) -> None:
    busy = sa.exc.OperationalError("", {}, Exception("locked"))
    envelope, moody.fails, moody.problem = an_envelope(), True, busy
    for _ in range(ATTEMPTS_BEFORE_PARKING + 1):
        with pytest.raises(sa.exc.OperationalError):
            runtime.inbox.receive(envelope, NOW, again=True)
    assert inbox_row(runtime).attempts == 0
    moody.fails = False
    runtime.inbox.receive(envelope, NOW, again=True)
    assert sessions(runtime) == 1


def test_what_cannot_be_read_is_parked_with_the_reason(runtime: Runtime) -> None:
    runtime.inbox.receive({"specversion": "1.0", "id": "none"}, NOW)
    row = inbox_row(runtime)
    assert (row.outcome, row.envelope) == (PARKED, {"specversion": "1.0", "id": "none"})
    assert "subject" in row.error


def test_a_lease_has_one_holder_until_it_runs_out(runtime: Runtime) -> None:
    def hold(owner: str, now: datetime) -> bool:
        with runtime.database.writing() as db:
            return hold_lease(db, "relay", owner, now)

    assert [hold("one", NOW), hold("two", NOW), hold("one", NOW)] == [True, False, True]
    assert hold("two", NOW + LEASE + timedelta(seconds=1))
    assert not hold("one", NOW + LEASE + timedelta(seconds=2))


def test_a_lease_from_before_the_clock_was_set_back_binds_nobody(runtime: Runtime) -> None:
    with runtime.database.writing() as db:
        assert hold_lease(db, "relay", "killed since", NOW)
        assert hold_lease(db, "relay", "its successor", NOW - timedelta(hours=2))


def test_health_is_progress_and_names_what_stands_still(runtime: Runtime) -> None:
    assert read_health(runtime.database, NOW).problems == (
        "no worker has answered yet",
        "no clock has been at work yet",
    )
    for name in (WORKER, RELAY):
        beat(runtime.database, name, NOW)
    assert read_health(runtime.database, NOW).ready
    late = NOW + timedelta(minutes=6)
    announce(runtime)
    problems = read_health(runtime.database, late).problems
    assert problems == (
        "clock has not moved for 360 s",
        "worker has not moved for 360 s",
        "events are waiting longer than five minutes",
    )


def test_times_come_back_as_aware_utc(runtime: Runtime) -> None:
    beat(runtime.database, WORKER, NOW.astimezone(UTC))
    announce(runtime)
    assert outbox(runtime)[0].created_at == NOW
    assert outbox(runtime)[0].created_at.tzinfo is UTC
