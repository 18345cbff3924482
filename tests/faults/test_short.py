"""The faults that every change is tried against, on one running system."""

import signal

from tests.faults.system import System, lasting

BUSY = 30


def test_f1_workers_killed_in_the_middle(system: System) -> None:
    with system.under_load("F1") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            for _ in range(5):
                for service in ("catalog", "registration", "notify"):
                    for worker in system.processes("worker", service):
                        worker.send_signal(signal.SIGKILL)
                lasting(0.5)
    assert rush.tally.wrongs == {}
    assert rush.tally.broken == 0
    assert rush.tally.unknown == []


def test_f3_broker_killed_while_workers_are_busy(system: System) -> None:
    with system.under_load("F3") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.stop()
            lasting(0.3)
            system.broker.start()
    assert rush.tally.wrongs == {}
    assert rush.tally.broken == rush.tally.unanswered_tries == 0


def test_f7_broker_restarted_empty(system: System) -> None:
    with system.under_load("F7") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.broker.empty()
            system.broker.stop()
            system.broker.start()
    assert rush.tally.wrongs == {}
    assert rush.tally.broken == rush.tally.unanswered_tries == 0


def test_f24_without_the_lock_seats_are_sold_twice_and_the_checker_sees_it(system: System) -> None:
    (system.faults.folder / "skip-lock").touch()
    with system.under_load("F24", seats=10, rate=100, seconds=0.4, cancels_every=0) as rush:
        rush.until(40)
        system.faults.disarm("skip-lock")
    assert rush.tally.oversold
    assert rush.tally.wrongs.keys() == {"oversold"}
