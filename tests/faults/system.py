"""The whole system as `turnout run` starts it, its witness, and members who sign up."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psutil
import sqlalchemy as sa

from services.chassis.config import read_settings
from services.contracts import SERVICES
from tests.brokers import Broker
from tests.facts import eventually
from tests.faults.checker import Tally, check
from tests.faults.placing import Faults
from tests.faults.report import Report
from tests.faults.witness import Witness
from tests.notify.mail_servers import HOST, free_port
from tests.system.launcher import end, environment, launch, processes_of, turnout
from tests.system.members import Site

SEATS = 30
PATIENCE_SECONDS = 180
UNDER_WAY = "SELECT count(*) FROM delivery WHERE state IN ('queued', 'sending', 'unknown')"
UNCONFIRMED = "SELECT count(*) FROM outbox WHERE confirmed_at IS NULL"


@dataclass
class System:
    """Everything that one run needs; `broker` is there where it is not the embedded one."""

    folder: Path
    dialect: str
    databases: Mapping[str, str]
    settings: Mapping[str, str]
    report: Report
    site: Site
    broker: Broker | None = None

    @property
    def faults(self) -> Faults:
        return Faults(self.folder / "faults")

    @property
    def witness(self) -> Witness:
        return Witness(self.folder)

    @property
    def moods(self) -> Path:
        """What the mail server does with the next mails."""
        return self.folder / "moods"

    def processes(self, *words: str) -> list[psutil.Process]:
        """The living processes whose command ends with these words."""
        found = processes_of(self.site.launched.data)
        return [each for each in found if each.cmdline()[-len(words) :] == [*words]]

    def start_again(self) -> None:
        """What an operator does after an upgrade: the same data folder, the same port."""
        port = self.site.launched.port
        self.site.launched = launch(
            self.site.launched.data, "--no-demo", port=port, **self.settings
        )

    @contextmanager
    def under_load(self, fault: str, *, seats: int = SEATS, **load: float) -> Iterator["Rush"]:
        """Members sign up; afterwards the outcome is waited for, counted and reported.

        `load` are options of the load: `rate` a second, `seconds`, `cancels_every`.
        """
        session = self.site.publish_session(seats)
        rush = Rush(self, fault, session, _load(self, fault, session, load))
        try:
            yield rush
            rush.process.wait(timeout=PATIENCE_SECONDS)
        finally:
            rush.process.kill()
            rush.process.wait()
        rush.settle()

    def is_settled(self) -> None:
        """Nothing waits in any outbox, and no mail is under way."""
        for name in SERVICES:
            assert _count(self.databases[name], UNCONFIRMED) == 0
        assert _count(self.databases["notify"], UNDER_WAY) == 0

    def is_well(self) -> None:
        """Every health page answers 200."""
        for name in SERVICES:
            status, answer = self.site.call("GET", f"/health/{name}")
            assert status == 200, answer


@dataclass
class Rush:
    """Members who sign up for one session while something happens to the system."""

    system: System
    fault: str
    session: str
    process: "subprocess.Popen[bytes]"
    tally: Tally = field(default_factory=Tally)

    def until(self, answers: int) -> None:
        """Wait until so many were answered."""

        def so_many() -> None:
            assert len(self.system.witness.answers(self.session)) >= answers

        eventually(so_many, within=PATIENCE_SECONDS)

    @contextmanager
    def fault_on(self) -> Iterator[None]:
        """Note from when until when the fault lasts."""
        began = time.time()
        yield
        self.system.witness.note_fault(self.session, began, time.time())

    def until_happened(self, place: str, times: int = 1) -> None:
        """Wait until a placed fault has happened, and note when it was."""
        began = time.time()

        def so_often() -> None:
            assert self.system.faults.happened(place) >= times, f"{place} was not reached"

        eventually(so_often, within=PATIENCE_SECONDS)
        self.system.witness.note_fault(self.session, began, time.time())

    def settle(self) -> None:
        """Wait until nothing is left to do, count, and put the numbers into the report."""
        try:
            eventually(self.system.is_settled, within=PATIENCE_SECONDS)
        finally:
            self.tally = check(self.system.witness, self.system.databases, self.session)
            self.system.report.add(self.fault, self.system.dialect, self.tally)


def lasting(seconds: float) -> None:
    """How long a fault is: the one thing here that is waited for by the clock."""
    time.sleep(seconds)


@contextmanager
def a_system(
    folder: Path,
    dialect: str,
    report: Report,
    *,
    broker: Broker | None = None,
    **settings: str,
) -> Iterator[System]:
    """A running system with its outside witness; nothing of it is left afterwards."""
    (folder / "faults").mkdir(parents=True)
    port, data = free_port(), folder / "data"
    ours = {
        "TURNOUT_SIGN_UP_LIMIT": "off",
        "TURNOUT_MAIL_URL": f"smtp://{HOST}:{port}",
        **({"TURNOUT_REDIS_URL": broker.url} if broker else {}),
        **Faults(folder / "faults").environment,
        **settings,
    }
    with a_sink(port, folder):
        launched = launch(data, "--no-demo", **ours)
        site = Site(launched, "")
        databases = _databases(data, ours)
        system = System(folder, dialect, databases, ours, report, site, broker)
        try:
            made = turnout(
                "token", "admin@example.org", env=environment(data, launched.port, **ours)
            )
            assert made.returncode == 0, made.stderr
            site.token = made.stdout.strip().splitlines()[-1]
            eventually(lambda: site.knows("/api/v1/workshops"), within=PATIENCE_SECONDS)
            yield system
        finally:
            end(system.site.launched)


@contextmanager
def a_sink(port: int, folder: Path) -> Iterator[None]:
    """The mail server, a process of its own with its own file."""
    files = [str(folder / "mails.jsonl"), str(folder / "moods")]
    command = [sys.executable, "-m", "tests.faults.sink", str(port), *files]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _databases(data: Path, settings: Mapping[str, str]) -> Mapping[str, str]:
    known = read_settings({"TURNOUT_DATA": str(data), "TURNOUT_SECRET_KEY": "x" * 32, **settings})
    return MappingProxyType(dict(known.database_urls))


def _load(
    system: System, fault: str, session: str, options: Mapping[str, float]
) -> "subprocess.Popen[bytes]":
    launched, token = system.site.launched, {"LOAD_TOKEN": system.site.token}
    command = [sys.executable, "-m", "tests.faults.load", str(launched.port), session]
    command += [str(system.witness.answers_file), "--name", fault.lower().replace(" ", "-")]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    return subprocess.Popen(command, env=os.environ | token)


def _count(url: str, query: str) -> int:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        found = connection.execute(sa.text(query)).scalar_one()
    engine.dispose()
    return int(found)
