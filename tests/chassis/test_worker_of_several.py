"""One worker that takes from the queues of two services: whose each message is."""

import json

import pytest
import sqlalchemy as sa
from kombu.message import Message

from services.chassis.edge import Edge
from services.chassis.health import WORKER, Heartbeat
from services.chassis.ids import new_id
from services.chassis.refusals import REASONS, UNREADABLE, refusals
from services.chassis.seals import BAD_SEAL, HEADER, seal
from services.chassis.service import Runtime
from services.chassis.worker import add_tasks
from services.contracts.plumbing import CANARY
from services.notify.app import SERVICE as NOTIFY
from services.registration.app import SERVICE as REGISTRATION
from tests.chassis.conftest import NOW
from tests.databases import StartService
from tests.messages import carry_out

CONTENT = CANARY.dump({"sent_at": NOW, "service": "notify", "is_late": False})


@pytest.fixture
def both(start_service: StartService) -> dict[str, Runtime]:
    return {each.name: start_service(each) for each in (REGISTRATION, NOTIFY)}


def a_canary(both: dict[str, Runtime], *, sealed_for: str, queue: object) -> Message:
    keys = both["notify"].celery.conf.seal_keys
    sealed = seal(keys, CANARY.type, sealed_for, CONTENT)
    return Message(
        body=json.dumps([[CONTENT], {}, {}]),
        headers={"task": CANARY.type, "id": str(new_id()), HEADER: sealed},
        content_type="application/json",
        content_encoding="utf-8",
        delivery_info={"routing_key": queue},
    )


def refused_by(both: dict[str, Runtime]) -> dict[str, list[str]]:
    found = {}
    for name, runtime in both.items():
        with runtime.database.reading() as db:
            found[name] = [words for words, _count, _at in refusals(db)]
    return found


def test_a_message_is_the_work_of_the_service_whose_queue_it_was_in(
    both: dict[str, Runtime],
) -> None:
    for runtime in both.values():
        add_tasks(runtime.celery, both)
    assert Edge(both).may_pass(a_canary(both, sealed_for="notify", queue="notify"), {CANARY.type})
    carry_out(both["notify"], CANARY.type, CONTENT)
    heard = {}
    for name, runtime in both.items():
        with runtime.database.reading() as db:
            heard[name] = list(db.scalars(sa.select(Heartbeat.name)))
    assert heard == {"registration": [], "notify": [WORKER]}


def test_a_message_that_claims_another_queue_is_refused_there(both: dict[str, Runtime]) -> None:
    stolen = a_canary(both, sealed_for="notify", queue="registration")
    assert not Edge(both).may_pass(stolen, {CANARY.type})
    assert refused_by(both) == {"registration": [REASONS[BAD_SEAL]], "notify": []}


@pytest.mark.parametrize("queue", ["catalog", None, ["notify"]])
def test_a_message_of_no_queue_of_this_worker_is_refused(
    both: dict[str, Runtime], queue: object
) -> None:
    lost = a_canary(both, sealed_for="notify", queue=queue)
    assert not Edge(both).may_pass(lost, {CANARY.type})
    assert refused_by(both) == {"registration": [REASONS[UNREADABLE]], "notify": []}
