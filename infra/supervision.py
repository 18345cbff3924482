"""Which processes one machine runs, told to supervisord: it starts, watches and stops them."""

import shlex
import sys
from collections.abc import Iterator, Mapping
from configparser import RawConfigParser
from pathlib import Path

from services.chassis.config import Settings, broker_socket

LOG_BYTES = "5MB"
OLD_LOGS = "3"
SAFE_PATH = ("-P",)
"""So that a folder named `infra` or `services` where somebody happens to stand is not ours."""

Section = Mapping[str, str]


def write_configuration(settings: Settings, path: Path) -> None:
    """Write supervisord's configuration for these settings; it holds no secret."""
    parser = RawConfigParser()
    for name, section in _sections(settings):
        parser[name] = dict(section)
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)


def _sections(settings: Settings) -> Iterator[tuple[str, Section]]:
    """Lower priorities start first and stop last: the broker before whoever speaks to it."""
    log = settings.data / "log"
    yield "supervisord", _supervisord(settings.data)
    if settings.embedded_broker:
        command = broker(broker_socket(settings.data), settings.data / "valkey")
        yield "program:valkey", _program(command, log / "valkey.log", priority=10)
    yield "program:worker", _program(turnout("worker"), log / "worker.log")
    yield "program:clock", _program(turnout("clock"), log / "clock.log", priority=30)
    yield "program:web", _program(turnout("web", "all"), log / "web.log", priority=40)


def turnout(*arguments: str) -> list[str]:
    """A `turnout` command in this same Python."""
    return [sys.executable, *SAFE_PATH, "-m", "infra", *arguments]


def broker(socket: Path, folder: Path) -> list[str]:
    """The command of the Valkey server, which stops when its parent is gone."""
    return [sys.executable, *SAFE_PATH, "-m", "infra.embedded_broker", str(socket), str(folder)]


def _supervisord(data: Path) -> Section:
    return {
        "nodaemon": "true",
        "silent": "true",
        "logfile": _escaped(str(data / "log" / "supervisord.log")),
        "logfile_maxbytes": LOG_BYTES,
        "logfile_backups": OLD_LOGS,
        "pidfile": _escaped(str(data / "run" / "supervisord.pid")),
        "minfds": "256",
        "minprocs": "50",
    }


def _program(command: list[str], log: Path, *, priority: int = 20) -> Section:
    """Started anew whenever it ends; a second after each failure, then two, and so on."""
    return {
        "command": _escaped(shlex.join(command)),
        "priority": str(priority),
        "autorestart": "true",
        "startretries": "1000000",
        "stopwaitsecs": "20",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": _escaped(str(log)),
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": OLD_LOGS,
    }


def _escaped(text: str) -> str:
    """Supervisord expands what follows a percent sign."""
    return text.replace("%", "%%")
