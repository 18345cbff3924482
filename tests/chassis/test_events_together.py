"""Events on their way together: each has its effect, whatever the others do."""

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from celery import Celery
from sqlalchemy.orm import Session

from services.chassis.broker import make_celery
from services.chassis.clock import plumbing_loops
from services.chassis.health import RELAY
from services.chassis.inbox import (
    APPLIED,
    ENDED_ITS_PROCESS,
    FAILED,
    MOST_IN_ONE_TRANSACTION,
    PARKED,
    InboxRow,
)
from services.chassis.outbox import ConfirmationRow, OutboxRow, publish
from services.chassis.relay import LARGEST_TOGETHER, SENT_AGAIN, relay
from services.chassis.service import Runtime
from services.chassis.worker import add_tasks
from services.contracts import Event, to_envelope
from services.contracts.plumbing import EVENTS_SENT, MOST_SENT_AT_ONCE
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration.app import SERVICE
from services.registration.handlers import on_session
from services.registration.models import WorkshopSession
from tests.brokers import Broker
from tests.chassis.conftest import NOW
from tests.databases import StartService, settings_for
from tests.messages import carry_out
from tests.registration.factories import facts

SPOILT = "spoilt"


@pytest.fixture
def celery(broker: Broker, tmp_path: Path) -> Celery:
    broker.empty()
    return make_celery("catalog", settings_for(tmp_path, TURNOUT_REDIS_URL=broker.url))


class Choosy:
    """A handler that has a problem with those sessions alone whose place is spoilt."""

    def __init__(self) -> None:
        self.problem: BaseException = RuntimeError("not this one")
        self.seen: list[int] = []

    def __call__(self, db: Session, event: Event, now: datetime) -> None:
        self.seen.append(event.sequence)
        on_session(db, event, now)
        if event.data["place"] == SPOILT:
            raise self.problem


@pytest.fixture
def choosy() -> Choosy:
    return Choosy()


@pytest.fixture
def runtime(start_service: StartService, choosy: Choosy) -> Runtime:
    return start_service(replace(SERVICE, handlers={SESSION_PUBLISHED.type: choosy}))


def tell(runtime: Runtime, count: int = 1, **but: Any) -> list[UUID]:
    """As the catalog does, into an outbox; the events' ids."""
    with runtime.database.writing() as db:
        each = [facts(**but) for _ in range(count)]
        return [
            publish(db, SESSION_PUBLISHED, subject=one["session_id"], data=one, now=NOW).id
            for one in each
        ]


def sent(broker: Broker) -> list[tuple[str, bool, list[str]]]:
    """Task, whether again, and the events' ids of each message to registration, oldest first."""
    return [_as_sent(each) for each in reversed(broker.messages("registration"))]


def _as_sent(message: dict[str, Any]) -> tuple[str, bool, list[str]]:
    headers = message["headers"]
    [[content], _named, _others] = json.loads(base64.b64decode(message["body"]))
    ids = [each["id"] for each in content.get("envelopes", [content])]
    return headers["task"], bool(headers.get(SENT_AGAIN)), ids


def envelopes(count: int = 1, *, number: int = 1, **but: Any) -> list[dict[str, Any]]:
    """Events of the catalog about sessions of their own, with numbers that follow each other."""
    return [_envelope(number + each, facts(**but)) for each in range(count)]


def _envelope(number: int, session: dict[str, Any]) -> dict[str, Any]:
    data = SESSION_PUBLISHED.dump(session)
    event = Event(
        id=facts()["session_id"],
        type=SESSION_PUBLISHED.type,
        source="catalog",
        subject=data["session_id"],
        time=NOW,
        sequence=number,
        correlationid="test",
        data=data,
    )
    return to_envelope(event)


def count(runtime: Runtime, model: Any) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def outcomes(runtime: Runtime) -> dict[str, tuple[str, int]]:
    """What became of each event, and after how many attempts."""
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(InboxRow)).all()
    return {str(row.event_id): (row.outcome, row.attempts) for row in rows}


def test_new_events_leave_in_one_message_and_what_is_sent_again_one_by_one(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    ids = sorted(str(each) for each in tell(runtime, 3))
    assert relay(runtime.database, celery, NOW) == 3
    assert sent(broker) == [(EVENTS_SENT.type, False, ids)]
    broker.empty()
    relay(runtime.database, celery, NOW + timedelta(seconds=7))
    assert sent(broker) == [(SESSION_PUBLISHED.type, True, [each]) for each in ids]


def test_a_message_carries_no_more_than_it_may(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    tell(runtime, MOST_SENT_AT_ONCE + 1)
    while relay(runtime.database, celery, NOW):
        pass
    assert [len(ids) for _task, _again, ids in sent(broker)] == [MOST_SENT_AT_ONCE, 1]


def test_the_relay_rests_after_a_turn_that_was_not_full(
    runtime: Runtime, broker: Broker, tmp_path: Path
) -> None:
    broker.empty()
    [step] = [loop.step for loop in plumbing_loops() if loop.name == RELAY]
    sending = replace(runtime, settings=settings_for(tmp_path, TURNOUT_REDIS_URL=broker.url))
    tell(runtime, MOST_SENT_AT_ONCE + 1)
    assert [bool(step(sending, NOW)) for _turn in range(2)] == [True, False]
    assert len(sent(broker)) == 2


def test_what_is_large_goes_alone(runtime: Runtime, celery: Celery, broker: Broker) -> None:
    small, large, *others = *tell(runtime), *tell(runtime, place="x" * LARGEST_TOGETHER)
    others = tell(runtime, 2)
    relay(runtime.database, celery, NOW)
    messages = [[small], [large], others]
    assert [ids for _task, _again, ids in sent(broker)] == [
        [str(each) for each in message] for message in messages
    ]


def test_an_event_whose_content_is_gone_is_not_said_to_have_been_sent(
    runtime: Runtime, celery: Celery, broker: Broker
) -> None:
    [gone, there] = tell(runtime, 2)
    with runtime.database.writing() as db:
        db.execute(sa.update(OutboxRow).where(OutboxRow.event_id == gone).values(envelope=None))
    assert relay(runtime.database, celery, NOW) == 1
    assert relay(runtime.database, celery, NOW) == 0
    assert [ids for _task, _again, ids in sent(broker)] == [[str(there)]]
    with runtime.database.reading() as db:
        row = db.get_one(OutboxRow, (gone, "registration"))
    assert (row.attempts, row.last_sent_at) == (0, None)


def test_many_events_have_their_effects_in_few_transactions(runtime: Runtime) -> None:
    commits: list[Any] = []
    sa.event.listen(runtime.database.engine, "commit", commits.append)
    some = envelopes(MOST_IN_ONE_TRANSACTION + 1)
    runtime.inbox.receive_together(some, NOW)
    assert len(commits) == 2
    assert count(runtime, WorkshopSession) == count(runtime, ConfirmationRow) == len(some)
    assert outcomes(runtime) == {each["id"]: (APPLIED, 1) for each in some}


def test_events_are_handled_in_the_order_in_which_they_came(
    runtime: Runtime, choosy: Choosy
) -> None:
    some = envelopes(MOST_IN_ONE_TRANSACTION + 5)
    runtime.inbox.receive_together(some, NOW)
    assert choosy.seen == [each["sequence"] for each in some]


def test_one_that_fails_leaves_the_others_their_effect(runtime: Runtime) -> None:
    [spoilt] = envelopes(number=5, place=SPOILT)
    fine = envelopes(4) + envelopes(4, number=6)
    runtime.inbox.receive_together([*fine[:4], spoilt, *fine[4:]], NOW)
    assert count(runtime, WorkshopSession) == count(runtime, ConfirmationRow) == len(fine)
    expected = {each["id"]: (APPLIED, 1) for each in fine} | {spoilt["id"]: (FAILED, 1)}
    assert outcomes(runtime) == expected


def test_one_that_can_never_fit_is_parked_and_the_others_have_their_effect(
    runtime: Runtime,
) -> None:
    no_event, fine = {"specversion": "1.0", "id": "none"}, envelopes(2)
    [not_ours] = envelopes(number=7)
    [no_data] = envelopes(number=8)
    not_ours["source"], no_data["data"] = "notify", {}
    runtime.inbox.receive_together([no_event, not_ours, fine[0], no_data, fine[1]], NOW)
    assert count(runtime, WorkshopSession) == len(fine)
    found = outcomes(runtime)
    assert [found.pop(each["id"]) for each in fine] == [(APPLIED, 1)] * 2
    assert list(found.values()) == [(PARKED, 1)] * 3


def test_what_comes_once_more_among_others_has_its_effect_once(
    runtime: Runtime, choosy: Choosy
) -> None:
    some = envelopes(3)
    runtime.inbox.receive(some[1], NOW)
    runtime.inbox.receive_together([*some, some[2]], NOW)
    runtime.inbox.receive_together(some, NOW)
    assert sorted(choosy.seen[-3:]) == [1, 2, 3]
    assert count(runtime, WorkshopSession) == len(some)
    assert outcomes(runtime) == {each["id"]: (APPLIED, 1) for each in some}


def test_a_database_that_is_busy_is_held_against_none_of_them(
    runtime: Runtime, choosy: Choosy
) -> None:
    choosy.problem = sa.exc.OperationalError("", {}, Exception("locked"))
    with pytest.raises(sa.exc.OperationalError):
        runtime.inbox.receive_together(envelopes(2) + envelopes(place=SPOILT), NOW)
    assert outcomes(runtime) == {}
    assert count(runtime, WorkshopSession) == count(runtime, ConfirmationRow) == 0


def test_after_one_that_ended_its_process_they_are_counted_one_by_one(
    runtime: Runtime, choosy: Choosy
) -> None:
    choosy.problem = SystemExit("as if killed")
    some = envelopes(2) + envelopes(number=3, place=SPOILT)
    add_tasks(runtime.celery, {"registration": runtime})
    with pytest.raises(SystemExit):
        carry_out(runtime, EVENTS_SENT.type, {"envelopes": some})
    assert outcomes(runtime) == {}
    with pytest.raises(SystemExit):
        carry_out(runtime, EVENTS_SENT.type, {"envelopes": some}, **{SENT_AGAIN: True})
    expected = [(APPLIED, 1), (APPLIED, 1), (FAILED, 1)]
    assert [outcomes(runtime)[each["id"]] for each in some] == expected
    with runtime.database.reading() as db:
        assert db.get_one(InboxRow, UUID(some[2]["id"])).error == ENDED_ITS_PROCESS


@pytest.mark.parametrize("message", [{}, {"envelopes": []}, {"envelopes": ["text"]}])
def test_a_message_that_carries_no_events_is_parked(runtime: Runtime, message: Any) -> None:
    add_tasks(runtime.celery, {"registration": runtime})
    carry_out(runtime, EVENTS_SENT.type, message)
    assert list(outcomes(runtime).values()) == [(PARKED, 1)]
