"""The worker and clock commands: processes that run until they are told to stop."""

import os
import signal
import threading
from collections.abc import Sequence

import click

from infra.composition import begin
from infra.nightly import nightly_check
from infra.progress import RECONCILE
from services.chassis.broker import make_celery
from services.chassis.clock import loops_of, run_clock
from services.chassis.config import Settings, read_settings
from services.chassis.health import WORKER
from services.chassis.log import configure_logging
from services.chassis.pausing import leave_when_others_work, wait_for_work
from services.chassis.service import Loop, Runtime
from services.chassis.worker import run_worker
from services.contracts import SERVICES

CLOCKS = (*SERVICES, RECONCILE)


@click.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def worker(services: tuple[str, ...]) -> None:
    """Handle the events in the queues of these SERVICES; of all where none is given.

    It ends by itself when it has lost touch with the broker: something must start it anew.
    Start more of them where there is more to do.
    """
    # So that SIGTERM, too, puts unfinished tasks back into the queue. Celery reads it late.
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"
    settings, wanted = read_settings(), services or SERVICES
    name = wanted[0] if len(wanted) == 1 else WORKER
    configure_logging(name)
    awake = wait_for_work(settings, wanted)
    leave_when_others_work(settings, wanted, awake)
    run_worker(make_celery(name, settings), [begin(each, settings) for each in awake])


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
