"""Starts the real launcher for a test, and finds the processes that belong to it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from services.chassis.config import broker_socket

PATIENCE = 60
UP = "Turnout is running."


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data: Path, port: int, **but: str) -> dict[str, str]:
    ours = {"TURNOUT_DATA": str(data), "TURNOUT_PORT": str(port), "COLUMNS": "200"}
    return os.environ | ours | but


def turnout(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "infra", *arguments]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def eventually(fact: Callable[[], bool], within: float = 15) -> None:
    """Wait until something is so."""
    give_up_at = time.monotonic() + within
    while not fact():
        assert time.monotonic() < give_up_at, f"not so within {within} s: {fact}"
        time.sleep(0.1)


def processes_of(data: Path) -> list[psutil.Process]:
    """Every living process that was started with this data folder, whoever its parent is."""
    found = []
    for each in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if _belongs(each, data) and each.status() != psutil.STATUS_ZOMBIE:
                found.append(each)
    return found


def commands_of(data: Path) -> Iterator[tuple[psutil.Process, list[str]]]:
    """The same with their commands; one may have ended meanwhile."""
    for each in processes_of(data):
        with suppress(psutil.NoSuchProcess):
            yield each, each.cmdline() or [""]


def _belongs(process: psutil.Process, data: Path) -> bool:
    """By its environment, or by its socket, as Valkey writes its title over its environment."""
    if process.pid == os.getpid():
        return False
    started_with = process.environ().get("TURNOUT_DATA") == str(data)
    return started_with or str(broker_socket(data)) in " ".join(process.cmdline())


@dataclass
class Launched:
    """`turnout run` as somebody started it, with what it has said so far."""

    data: Path
    port: int
    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return "".join(self.said)

    def read_until(self, words: str) -> None:
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                return
        raise AssertionError(f"it ended without saying {words!r}: {self.output}")

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send a signal, read the rest of what it says, and return its exit code."""
        self.process.send_signal(number)
        self.said.append(self.process.stdout.read())
        return self.process.wait(timeout=PATIENCE)


def launch(data: Path, *arguments: str, port: int | None = None, **but: str) -> Launched:
    """Start the site, with settings of its own, and wait until it says that it is up."""
    port = port or a_free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "infra", "run", *arguments],
        env=environment(data, port, **but),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    launched = Launched(data, port, process)
    launched.read_until(UP)
    launched.read_until("Data")
    return launched


def end(launched: Launched) -> None:
    """Leave nothing behind, whatever a test has done."""
    for each in processes_of(launched.data):
        with suppress(psutil.NoSuchProcess):
            each.kill()
    launched.process.wait(timeout=PATIENCE)
    launched.process.stdout.close()
