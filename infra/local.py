"""Turnout on one machine: makes the data folder ready, starts everything, and stops it again."""

import os
import signal
import socket

from rich.console import Console

from infra.data_folder import data_folder, refuse_unfinished
from infra.embedded_broker import stop_left_behind
from infra.first_accounts import accounts_file
from infra.forking import become, forked, load_everything
from infra.refusal import Refusal
from infra.supervision import write_configuration
from infra.supervisor import supervise
from infra.welcome import say_if_heard, welcome
from services.chassis.config import Settings, broker_socket
from services.chassis.wrong_setting import WrongSetting


def run(settings: Settings, console: Console, *, demo: bool) -> None:
    """Run the whole site until Ctrl-C or SIGTERM; Refusal when it cannot start."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with data_folder(settings):
            refuse_unfinished(settings)
            _clear_way(settings, console)
            first_start = not accounts_file(settings.data).exists()
            with console.status("Loading …"):
                load_everything(settings)
            _prepare(demo=demo)
            configuration = settings.data / "run" / "supervisord.conf"
            write_configuration(settings, configuration)
            forked(welcome, settings, console, first_start)
            supervise(configuration, console)
    except KeyboardInterrupt:  # Told to stop before supervisord was there to be told.
        pass
    say_if_heard(console, "Turnout has stopped. Your data are kept; `make run` starts it again.")


def _clear_way(settings: Settings, console: Console) -> None:
    if settings.embedded_broker and stop_left_behind(broker_socket(settings.data)):
        console.print("A Valkey server that an earlier, killed run had left was stopped.")
    _check_port(settings.host, settings.port)


def _check_port(host: str, port: int) -> None:
    """Find out before anything is started whether we may listen there."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except socket.gaierror as problem:
        raise WrongSetting("TURNOUT_HOST", f"{host!r} is no address of this machine") from problem
    except OSError as problem:
        reason = f"cannot listen on port {port} of {host}: {os.strerror(problem.errno or 0)}"
        raise Refusal(f"TURNOUT_PORT: {reason}. Set TURNOUT_PORT to another port.") from problem


def _prepare(*, demo: bool) -> None:
    """In a process of its own, whose memory is free again afterwards."""
    preparing = forked(become, ["prepare", "--demo" if demo else "--no-demo"])
    _child, status = os.waitpid(preparing, 0)
    if code := os.waitstatus_to_exitcode(status):
        raise SystemExit(code)
