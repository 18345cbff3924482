"""Turnout's code loaded once: the processes of the one-machine site are forked and share it.

Each would load it anew otherwise, in two seconds of work and a hundred megabytes.
"""

import ctypes
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any, NoReturn

from infra.cli import turnout
from infra.lifeline import stop_with_parent
from infra.process_title import set_process_title
from services.chassis.config import Settings
from services.contracts import SERVICES

SHARED = (
    "_strptime",
    "billiard.pool",
    "celery.app.amqp",
    "celery.app.control",
    "celery.app.events",
    "celery.app.log",
    "celery.apps.worker",
    "celery.concurrency.solo",
    "celery.events.dispatcher",
    "celery.worker.autoscale",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.strategy",
    "encodings.unicode_escape",
    "encodings.utf_8_sig",
    "holidays.countries",
    "infra.commands.processes",
    "infra.commands.web",
    "kombu.transport.redis",
)
"""What the processes need between them, beside the services; some of it is loaded late."""

_M_ARENA_MAX = -8


def load_everything(settings: Settings) -> None:
    """Load what all processes need, before the first is forked; nothing is opened or started."""
    os.environ["REMAP_SIGTERM"] = "SIGQUIT"  # For the worker: Celery reads it when loaded.
    if sys.platform == "linux":  # Or each thread would have memory of its own, and keep it.
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    for name in SHARED:
        import_module(name)
    _warm_up(settings)
    gc.collect()
    gc.freeze()  # Or the children's collectors would write to every page, and have it copied.


def _warm_up(settings: Settings) -> None:
    """Make once what each process begins with; nothing of it is connected."""
    composition = import_module("infra.composition")
    composition.begin_all(settings)
    for name in SERVICES:
        composition.begin(name, settings).celery.finalize()
    import_module("sqlalchemy.orm").configure_mappers()
    import_module("infra.site").make_site(settings)


def forked(target: Callable[..., object], *arguments: Any) -> int:
    """The number of a child of this process that runs the function and ends with this process."""
    child = os.fork()
    if child == 0:
        stop_with_parent()
        _end_with(lambda: target(*arguments))
    return child


def become(arguments: list[str]) -> NoReturn:
    """Be `turnout` with these arguments, as if this process had just been started so."""
    stop_with_parent()
    _forget_signals()
    sys.argv = ["turnout", *arguments]
    set_process_title(" ".join(sys.argv))
    _end_with(lambda: turnout(prog_name="turnout"))


def _end_with(work: Callable[[], object]) -> NoReturn:
    """End this process as Python would after this work, but for what belongs to its parent."""
    code: Any = 1
    try:
        work()
        code = 0
    except SystemExit as leaving:
        code = leaving.code or 0
    except BaseException:  # As Python does with an exception that nobody catches.
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _forget_signals() -> None:
    """The handlers of the process that forked us are not ours."""
    for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
