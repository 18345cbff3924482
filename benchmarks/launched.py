"""A product to measure, as an operator starts it, with an SMTP server to hand its mail to."""

import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import sqlalchemy as sa

from benchmarks.filling import fill
from services.chassis.config import Settings, read_settings
from services.contracts import SERVICES
from tests.databases import PostgresServer
from tests.facts import eventually
from tests.faults.system import UNCONFIRMED
from tests.faults.witness import Witness
from tests.notify.mail_servers import HOST, free_port
from tests.system.launcher import processes_of
from tests.system.members import Site, a_site

LIMITS = {
    # Counted as in production; only so high that one machine may be a thousand members.
    "TURNOUT_SIGN_UP_LIMIT": "1000000 per 10 minutes",
    "TURNOUT_ADDRESS_LIMIT": "3 per hour",
}
PATIENCE_SECONDS = 300
ASK_EVERY_SECONDS = 0.25
POSTGRESQL = "postgresql"
UNDER_WAY = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'unknown')"


@dataclass(frozen=True)
class Product:
    """The running site, its databases, and the files of what was seen from outside."""

    site: Site
    settings: Settings
    witness: Witness
    databases: Mapping[str, sa.Engine]

    @property
    def urls(self) -> Mapping[str, str]:
        """The databases by service."""
        return self.settings.database_urls

    def is_quiet(self) -> None:
        """AssertionError while an event or a mail is under way."""
        for name in SERVICES:
            assert self._count(name, UNCONFIRMED) == 0, f"events of {name} wait"  # noqa: S101
        assert self._count("notify", UNDER_WAY) == 0, "mails wait"  # noqa: S101

    def wait_until_quiet(self) -> None:
        """Until nothing is left to do.

        What PostgreSQL does to answer is counted as the product's, so it is asked seldom, over
        connections that are kept.
        """
        eventually(self.is_quiet, within=PATIENCE_SECONDS, every=ASK_EVERY_SECONDS)

    def _count(self, service: str, query: str) -> int:
        with self.databases[service].connect() as connection:
            return int(connection.scalar(sa.text(query)) or 0)

    def processes(self) -> list[psutil.Process]:
        """All that serve it, PostgreSQL's own among them."""
        data = self.site.launched.data
        return [*processes_of(data), *_postgres_under(data.parent)]

    def cpu(self) -> dict[str, float]:
        """Seconds so far by what a process is, PostgreSQL's with those that have ended."""
        found: dict[str, float] = defaultdict(float)
        for each in self.processes():
            with suppress(psutil.NoSuchProcess):  # Its parent has its time by now.
                name, times = _name(each), each.cpu_times()
                found[name] += times.user + times.system
                if name == POSTGRESQL:
                    found[name] += times.children_user + times.children_system
        return dict(found)

    def memory(self) -> int:
        """What they hold together, in bytes."""
        return memory_of(self.processes())

    def peak_memory_of_web(self) -> int:
        """The largest resident set of a web process so far, in bytes."""
        pids = [each.pid for each in self.processes() if _name(each) == "web"]
        return max(_peak(pid) for pid in pids)


def _postgres_under(folder: Path) -> list[psutil.Process]:
    """The server whose data are there, and its connections; there may be others' servers."""
    found = psutil.process_iter(["name", "cmdline"])
    ours = [each for each in found if str(folder) in " ".join(each.info["cmdline"] or ())]
    servers = [each for each in ours if each.info["name"] == "postgres"]
    return [each for server in servers for each in (server, *server.children())]


def memory_of(processes: Iterable[psutil.Process]) -> int:
    """Their proportional set size, in bytes."""
    total = 0
    for each in processes:
        with suppress(psutil.NoSuchProcess):
            total += each.memory_full_info().pss
    return total


@contextmanager
def a_product(database: str, registrations: int = 0) -> Iterator[Product]:
    """A product afresh on `sqlite` or `postgresql`, with so many old registrations in it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = stack.enter_context(_databases(database, folder))
        port = stack.enter_context(_mail_server(folder))
        data = folder / "data"
        if registrations:
            _fill(data, settings, registrations)
        mail = {"TURNOUT_MAIL_URL": f"smtp://{HOST}:{port}"}
        site = stack.enter_context(a_site(data, **LIMITS, **mail, **settings))
        read = read_settings({"TURNOUT_DATA": str(data), **settings})
        databases = stack.enter_context(_engines(read.database_urls))
        yield Product(site, read, Witness(folder), databases)


def run(module: str, *arguments: str) -> list[str]:
    """The words that a process of ours prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603
    return done.stdout.split()


def _fill(data: Path, settings: Mapping[str, str], registrations: int) -> None:
    environment = {"TURNOUT_DATA": str(data), **settings}
    command = [sys.executable, "-m", "infra", "migrate"]
    subprocess.run(command, env=os.environ | environment, check=True)  # noqa: S603
    fill(read_settings(environment), registrations)


def _name(process: psutil.Process) -> str:
    """Such as `web`, `clock`, `worker`."""
    command = process.cmdline()
    if process.name() == "postgres":
        return POSTGRESQL
    if "valkey-server" in "".join(command[:1]):
        return "broker"
    if command[:1] != ["turnout"]:
        return "launcher"
    return command[1]


def _peak(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    [kilobytes] = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(kilobytes) * 1024


@contextmanager
def _databases(database: str, folder: Path) -> Iterator[dict[str, str]]:
    if database == "sqlite":
        yield {}
        return
    server = PostgresServer(folder / "postgres")
    try:
        yield server.settings()
    finally:
        server.close()


@contextmanager
def _engines(urls: Mapping[str, str]) -> Iterator[dict[str, sa.Engine]]:
    engines = {name: sa.create_engine(url) for name, url in urls.items()}
    try:
        yield engines
    finally:
        for each in engines.values():
            each.dispose()


@contextmanager
def _mail_server(folder: Path) -> Iterator[int]:
    port, file = free_port(), str(Witness(folder).mails_file)
    command = [sys.executable, "-m", "benchmarks.smtp_sink", str(port), file]
    sink = subprocess.Popen(command)  # noqa: S603
    try:
        yield port
    finally:
        sink.kill()
        sink.wait()
