"""Faults of the broker: dead, away, frozen, restarted, emptied, full, or playing tricks."""

import json
import random
import signal
from uuid import uuid4

import psutil
import sqlalchemy as sa

from services.contracts import SERVICES
from tests.facts import eventually
from tests.faults.killing import BUSY, kill
from tests.faults.rush import PATIENCE_SECONDS, lasting, under_load
from tests.faults.system import System
from tests.faults.tables import count, wait_for_the_lock

LIMIT = "maxmemory"
UNSENT = "SELECT count(*) FROM outbox WHERE attempts = 0"


def killed_while_busy(system: System) -> None:
    """F3: dead for 0.3 s; the canaries sing again and nothing is lost."""
    with under_load(system, "F3") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.stop()
            lasting(0.3)
            system.broker.start()
    rush.nobody_noticed()
    eventually(system.is_well, within=PATIENCE_SECONDS)


def embedded_one_killed(system: System) -> None:
    """F3: the embedded broker dies, and the supervisor starts it anew."""
    with under_load(system, "F3") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            [broker] = system.embedded_brokers()
            kill([broker])
            eventually(lambda: is_another(system, broker.pid), within=PATIENCE_SECONDS)
    rush.nobody_noticed()
    eventually(system.is_well, within=PATIENCE_SECONDS)


def is_another(system: System, pid: int) -> None:
    assert [each for each in system.embedded_brokers() if each.pid != pid]


def away_while_busy(system: System, fault: str = "F4", seconds: float = 5) -> None:
    """F4: sign-ups are answered all the time, and the mails follow."""
    with under_load(system, fault) as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.stop()
            lasting(seconds)
            system.broker.start()
    rush.nobody_noticed()


def away_for_longer(system: System) -> None:
    """F4: the same for 30 s, in which the members all come and go."""
    away_while_busy(system, "F4 (30 s)", 30)


def away_while_idle(system: System) -> None:
    """F4: the workers find the new broker although nothing was going on when it went."""
    system.broker.stop()
    lasting(5)
    system.broker.start()
    with under_load(system, "F4 (idle)") as rush:
        rush.until(BUSY)
    rush.nobody_noticed()


def frozen(system: System) -> None:
    """F5: connections stay open and nobody answers; no web page waits for the broker."""
    with under_load(system, "F5") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.process.send_signal(signal.SIGSTOP)
            lasting(20)
            system.broker.process.send_signal(signal.SIGCONT)
    rush.nobody_noticed()


def restarted_ten_times(system: System) -> None:
    """F6: ten times in 30 s."""
    with under_load(system, "F6", seconds=30, rate=5) as rush:
        rush.until(BUSY)
        with rush.fault_on():
            for _ in range(10):
                system.broker.stop()
                lasting(0.3)
                system.broker.start()
                lasting(2.5)
    rush.nobody_noticed()


def restarted_empty(system: System) -> None:
    """F7: all that was in the queues is gone; the outboxes send it again."""
    with under_load(system, "F7") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.empty()
            system.broker.stop()
            system.broker.start()
    rush.nobody_noticed()


def full(system: System) -> None:
    """F8: no memory left for 20 s; health says so, sign-ups go on, everything follows."""
    with under_load(system, "F8") as rush:
        rush.until(BUSY)
        [before] = system.broker.client.config_get(LIMIT).values()
        with rush.fault_on():
            system.broker.client.config_set(LIMIT, "1mb")
            eventually(lambda: is_reported(system), within=PATIENCE_SECONDS)
            lasting(20)
            system.broker.client.config_set(LIMIT, before)
    rush.nobody_noticed()


def is_reported(system: System) -> None:
    _, health = system.site.call("GET", "/readyz/registration")
    assert [each for each in health["problems"] if each.startswith("relay fails")]


def without_bindings(system: System) -> None:
    """F9: queues are named, so nothing depends on who is bound to what."""
    with under_load(system, "F9") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            client = system.broker.client
            for key in client.keys("_kombu.binding.*"):
                client.delete(key)
    rush.nobody_noticed()


def thrice_and_shuffled(system: System) -> None:
    """F10: every event comes three times, in any order; the end is the one of the right order."""
    readers = system.processes("worker")
    with under_load(system, "F10", seconds=3) as rush, rush.fault_on():
        eventually(lambda: suspend(readers, system), within=PATIENCE_SECONDS)
        rush.until_over()
        eventually(lambda: are_all_sent(system), within=PATIENCE_SECONDS)
        for name in SERVICES:
            shuffle(system, name)
        for each in readers:
            each.resume()
    rush.nobody_noticed()


def suspend(readers: list[psutil.Process], system: System) -> None:
    """Stop them between two transactions: with SQLite's lock in hand they would stop the relay."""
    for each in readers:
        each.suspend()
    try:
        for name in SERVICES:
            wait_for_the_lock(system.databases[name])
    except sa.exc.OperationalError as problem:
        for each in readers:
            each.resume()
        raise AssertionError("one of them is writing") from problem


def are_all_sent(system: System) -> None:
    assert count(system.databases["registration"], UNSENT) == 0


def shuffle(system: System, queue: str) -> None:
    """Three copies of each message in a queue, each with a tag of its own."""
    client = system.broker.client
    copies = []
    for _ in range(3):
        for message in map(json.loads, client.lrange(queue, 0, -1)):
            message["properties"]["delivery_tag"] = str(uuid4())
            copies.append(json.dumps(message))
    random.Random(10).shuffle(copies)  # noqa: S311 - an order, not a secret
    client.delete(queue)
    if copies:
        client.lpush(queue, *copies)
