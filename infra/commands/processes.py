"""The worker and clock commands: processes that run until they are told to stop."""

import os
import signal
import threading

import click

from infra.composition import begin
from services.chassis.clock import run_clock
from services.chassis.config import read_settings
from services.chassis.log import configure_logging
from services.chassis.worker import run_worker
from services.contracts import SERVICES

SERVICE = click.Choice(SERVICES)


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
    run_worker(begin(service, settings))


@click.command()
@click.argument("services", nargs=-1, type=SERVICE)
def clock(services: tuple[str, ...]) -> None:
    """Run what is due: sending events and mail, offers that lapse, reminders, rosters.

    Give the SERVICES whose clock this is; all of them where none is given. A second clock for
    the same service does no harm: it waits until the first is gone.
    """
    settings = read_settings()
    configure_logging("clock")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_clock([begin(name, settings) for name in services or SERVICES], stop)
