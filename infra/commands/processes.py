"""The worker and clock commands: processes that run until they are told to stop."""

import os
import signal
import threading
from collections.abc import Sequence

import click

from infra.composition import begin
from infra.nightly import nightly_check
from infra.progress import RECONCILE
from services.chassis.clock import loops_of, run_clock
from services.chassis.config import Settings, read_settings
from services.chassis.log import configure_logging
from services.chassis.pausing import leave_when_paused, wait_while_paused
from services.chassis.service import Loop, Runtime
from services.chassis.worker import run_worker
from services.contracts import SERVICES

SERVICE = click.Choice(SERVICES)
CLOCKS = (*SERVICES, RECONCILE)


@click.command()
@click.argument("service", type=SERVICE)
def worker(service: str) -> None:
    """Handle the events in the queue of one SERVICE.

    It ends by itself when it has lost touch with the broker: something must start it anew.
    Start more of them where there is more to do.
    """
    # So that SIGTERM, too, puts unfinished tasks back into the queue. Celery reads it late.
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"
    settings = read_settings()
    configure_logging(service)
    wait_while_paused(settings, service)
    leave_when_paused(settings, service)
    run_worker(begin(service, settings))


@click.command()
@click.argument("clocks", nargs=-1, type=click.Choice(CLOCKS))
def clock(clocks: tuple[str, ...]) -> None:
    """Run what is due: sending events and mail, offers that lapse, reminders, rosters.

    Give the services whose clock this is; all of them where none is given. The nightly check
    of all three databases has a clock of its own, `reconcile`. A second clock for the same does
    no harm: it waits until the first is gone.
    """
    settings = read_settings()
    configure_logging("clock")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_clock(_loops(clocks or CLOCKS, settings), stop)


def _loops(clocks: Sequence[str], settings: Settings) -> list[tuple[Runtime, Loop]]:
    """What these clocks run; the nightly check needs all services, the others their own."""
    names = SERVICES if RECONCILE in clocks else clocks
    runtimes = {name: begin(name, settings) for name in names}
    services = [runtimes[name] for name in clocks if name != RECONCILE]
    loops = [(each, loop) for each in services for loop in loops_of(each)]
    if RECONCILE in clocks:
        loops.append((runtimes["registration"], nightly_check(runtimes)))
    return loops
