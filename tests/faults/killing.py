"""Faults of processes: killed by chance, killed at a named place, stopped, absent, or twice."""

import signal
import subprocess
import sys
from contextlib import suppress
from http.client import HTTPException

import psutil

from services.contracts import SERVICES
from services.notify.claiming import AT_ONCE
from tests.facts import eventually
from tests.faults.rush import PATIENCE_SECONDS, Rush, lasting, under_load
from tests.faults.system import System
from tests.system.launcher import environment

BUSY = 30


def workers_killed(system: System) -> None:
    """F1: the worker of all services, five times: all is applied, once."""
    with under_load(system, "F1") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            for _ in range(5):
                kill(eventually(lambda: living_workers(system), within=PATIENCE_SECONDS))
                lasting(0.5)
    rush.nobody_noticed()
    assert rush.tally.unknown == []


def two_hundred_for_twenty(system: System) -> None:
    """F1 with everybody at once: 20 seats, 180 places in line, two workers killed midway."""
    crowd = {"rate": 1000, "seconds": 0.2, "cancels_every": 0}
    with under_load(system, "F1 (200 at once)", seats=20, **crowd) as rush:
        rush.until(BUSY)
        with rush.fault_on():
            for _ in range(2):
                kill(eventually(lambda: living_workers(system), within=PATIENCE_SECONDS))
        rush.until_over()
    rush.nobody_noticed()
    answers = system.witness.answers(rush.session)
    assert sum(each.state == "confirmed" for each in answers) == 20
    assert sorted(each.place for each in answers if each.place) == list(range(1, 181))


def living_workers(system: System) -> list[psutil.Process]:
    found = system.processes("worker")
    assert found
    return found


def worker_killed_with_a_message_in_hand(system: System) -> None:
    """F2: what the broker has given away and nobody has noted is sent again."""
    with under_load(system, "F2") as rush:
        rush.until(BUSY)
        system.faults.arm("between-brpop-and-hset", process="worker", about="registration.")
        rush.until_happened("between-brpop-and-hset")
    rush.nobody_noticed()


def relay_killed_before_its_note(system: System) -> None:
    """F11: the batch is sent again, and has its effects once."""
    with under_load(system, "F11") as rush:
        rush.until(BUSY)
        system.faults.arm("between-publish-and-mark", process="clock")
        rush.until_happened("between-publish-and-mark")
        rush.let_claims_run_out()
    rush.nobody_noticed()


def web_killed_after_the_commit(system: System) -> None:
    """F12: whoever got no answer asks again with the same key, and has one place."""
    with under_load(system, "F12") as rush:
        rush.until(BUSY)
        system.faults.arm("after-commit", process="web", about=rush.session)
        rush.until_happened("after-commit")
    rush.everybody_got_through()
    assert rush.tally.broken == 0
    assert rush.tally.unanswered_tries > 0


def web_killed_before_the_commit(system: System) -> None:
    """F13: one who never asks again has no row, no event and no mail; the others lose nothing."""
    impatient = system.site.publish_session(5)
    with under_load(system, "F13") as rush:
        rush.until(BUSY)
        system.faults.arm("before-commit", process="web", about=impatient)
        with suppress(OSError, HTTPException):
            system.site.sign_up(impatient, 1)
        rush.until_happened("before-commit")
    rush.everybody_got_through()
    assert rush.tally.broken == 0
    assert system.tables(impatient).registrations == {}
    assert not [mail for mail in system.witness.mails() if mail.to == "member.1@example.org"]


def sender_killed_in_the_window(system: System) -> None:
    """F17: a mail that the server has and nobody has noted may come twice, and says so."""
    with under_load(system, "F17") as rush:
        rush.until(BUSY)
        system.faults.arm("in-the-window", process="clock", about="@example.org")
        rush.until_happened("in-the-window")
        rush.let_claims_run_out()
    rush.nobody_noticed()
    assert 1 <= len(rush.tally.unknown) <= AT_ONCE
    assert len(rush.tally.window_copies) <= len(rush.tally.unknown)


def two_clocks(system: System) -> None:
    """F19: a second clock finds everything leased or claimed, and does nothing twice."""
    launched = system.site.launched
    env = environment(launched.data, launched.port, **system.environment)
    with under_load(system, "F19") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            second = subprocess.Popen([sys.executable, "-m", "infra", "clock"], env=env)
            lasting(4)
            kill(system.processes("clock"), but=second.pid)
            rush.until_over()
            second.terminate()
            second.wait(timeout=PATIENCE_SECONDS)
        rush.let_claims_run_out()
    rush.nobody_noticed()


def everything_stopped_and_started(system: System) -> None:
    """F21: an upgrade in the rush; whoever finds nobody there tries again."""
    with under_load(system, "F21", seconds=8) as rush:
        rush.until(BUSY)
        with rush.fault_on():
            assert system.site.launched.stop(signal.SIGTERM) == 0
            system.start_again()
    rush.everybody_got_through()
    assert rush.tally.broken == 0


def poison(system: System) -> None:
    """F22: an event whose handler always fails is parked; the others go on; staff replay it."""
    spoil_one(system, "F22", "raise")


def deadly_poison(system: System) -> None:
    """F22: an event whose handling kills the worker each time is parked as well."""
    spoil_one(system, "F22 (kills)", "kill")


def spoil_one(system: System, name: str, how: str) -> None:
    """Let one member's event be the end of whoever handles it, until it is parked."""
    with under_load(system, name) as rush:
        system.faults.arm("handler", how, process="worker", about=f'"{rush.name}.5@', times=0)
        with rush.fault_on():
            until_parked(rush, tries=5)
            rush.until_all_but(1)
            system.faults.disarm("handler")
        system.replay_parked("notify")
    rush.nobody_noticed()


def until_parked(rush: Rush, tries: int) -> None:
    """Let the pauses between attempts pass by the simulated clock.

    Not while members still sign up: the two web processes do not learn at the same moment that
    it was moved, and people would seem to overtake each other.
    """
    rush.until_over()

    def parked() -> None:
        if rush.happened("handler"):
            rush.system.go_ahead(minutes=0.2)
        _, health = rush.system.site.call("GET", "/readyz/notify")
        assert "events are parked" in health["problems"]

    eventually(parked, within=PATIENCE_SECONDS)
    assert rush.happened("handler") >= tries


def worker_absent(system: System) -> None:
    """F23: the worker cannot start for ten minutes of the simulated clock.

    The site answers; each service's health says what waits; when the worker is back everything
    catches up.
    """
    with under_load(system, "F23", seconds=3) as rush:
        system.faults.arm("start", "leave", process="worker", times=0)
        with rush.fault_on():
            kill(system.processes("worker"))
            rush.until_over()
            system.go_ahead(minutes=10)
            for service in SERVICES:
                eventually(lambda name=service: is_missed(system, name), within=PATIENCE_SECONDS)
            system.faults.disarm("start")
    rush.nobody_noticed()


def is_missed(system: System, service: str) -> None:
    status, health = system.site.call("GET", f"/readyz/{service}")
    assert status == 503
    assert [each for each in health["problems"] if each.startswith("worker has not moved")]


def kill(processes: list[psutil.Process], *, but: int = 0) -> None:
    """As the kernel does when memory runs out."""
    for each in processes:
        if each.pid != but:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    psutil.wait_procs([each for each in processes if each.pid != but], timeout=PATIENCE_SECONDS)


def without_the_lock(system: System) -> None:
    """F24, the control: where no lock guards the seats they are sold twice, and it is seen."""
    (system.faults.folder / "skip-lock").touch()
    with under_load(system, "F24", seats=10, rate=100, seconds=0.4, cancels_every=0) as rush:
        rush.until_over()
        system.faults.disarm("skip-lock")
    assert rush.tally.oversold
    assert [each for each in rush.tally.offences if each.startswith("I1 ")]
