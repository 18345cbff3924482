"""A real worker before a queue that anybody has written into: it works on, and tells staff."""

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from services.chassis.health import WORKER, Heartbeat
from services.chassis.inbox import PARKED, REFUSED, InboxRow
from services.chassis.keys import EVENTS, keys_for
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.registration.app import SERVICE
from tests.brokers import Broker, a_broker
from tests.databases import SECRET, settings_for
from tests.facts import eventually
from tests.hostile.broker_messages import CANARY, NOT_MESSAGES, OBEYED_BY_CELERY, UNFIT, sealed
from tests.hostile.broker_messages import REFUSED as NOT_SEALED

SECRET_OF_A_MEMBER = "Zzyzx Marker"
PATIENCE = 60.0


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def runtime(tmp_path: Path, broker: Broker) -> Iterator[Runtime]:
    runtime = start(SERVICE, settings_for(tmp_path, TURNOUT_REDIS_URL=broker.url))
    upgrade(runtime)
    yield runtime
    runtime.database.dispose()


@pytest.fixture
def worker(tmp_path: Path, runtime: Runtime, broker: Broker) -> Iterator[subprocess.Popen[Any]]:
    ours = {"TURNOUT_DATA": str(tmp_path), "TURNOUT_REDIS_URL": broker.url}
    ours["TURNOUT_SECRET_KEY"] = SECRET
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra", "worker", "registration"],
            env=os.environ | ours,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        eventually(lambda: said(tmp_path, "ready."), within=PATIENCE)
        yield process
        process.kill()
        process.wait()


def said(folder: Path, words: str) -> str:
    log = (folder / "worker.log").read_text(encoding="utf-8")
    assert words in log
    return log


def heard_a_canary(runtime: Runtime) -> None:
    with runtime.database.reading() as db:
        assert db.get(Heartbeat, WORKER) is not None


def rows(runtime: Runtime, outcome: str) -> list[InboxRow]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(InboxRow).where(InboxRow.outcome == outcome)))


def sealed_by_us(runtime: Runtime, messages: Iterable[str]) -> list[str]:
    keys = keys_for(runtime.settings, EVENTS)
    return [sealed(each, keys, "registration") for each in messages]


def test_whatever_is_in_its_queue_the_worker_works_on_and_parks_what_can_be_read(
    tmp_path: Path, runtime: Runtime, broker: Broker, worker: subprocess.Popen[Any]
) -> None:
    ours = sealed_by_us(runtime, [*UNFIT.values(), *OBEYED_BY_CELERY.values(), CANARY])
    for message in (*NOT_MESSAGES.values(), *NOT_SEALED.values(), *UNFIT.values(), *ours):
        broker.client.lpush("registration", message)
    eventually(lambda: heard_a_canary(runtime), within=PATIENCE)
    assert worker.poll() is None
    assert broker.client.hlen("registration.unacked") == 0
    assert len(rows(runtime, PARKED)) == len(UNFIT)
    assert all(row.error for row in rows(runtime, PARKED))
    refused = {row.error: row.attempts for row in rows(runtime, REFUSED)}
    assert sum(refused.values()) == len(NOT_MESSAGES) + len(NOT_SEALED) + len(UNFIT)
    assert refused.keys() == {"unreadable", "too_deep", "too_large", "unsealed"}
    assert "Traceback" not in said(tmp_path, "message refused")


def test_the_content_of_a_message_that_is_none_of_ours_is_in_no_log(
    tmp_path: Path, runtime: Runtime, broker: Broker, worker: subprocess.Popen[Any]
) -> None:
    for message in (*UNFIT.values(), *NOT_SEALED.values(), *NOT_MESSAGES.values()):
        marked = message.replace("no", SECRET_OF_A_MEMBER) if isinstance(message, str) else message
        broker.client.lpush("registration", marked)
    for message in sealed_by_us(runtime, [*UNFIT.values(), CANARY]):
        broker.client.lpush("registration", message)
    eventually(lambda: heard_a_canary(runtime), within=PATIENCE)
    assert SECRET_OF_A_MEMBER not in said(tmp_path, "event unreadable")
