"""How many mails a second the product hands over, by which transport, and at what cost.

The mails are queued first. Then the product is started as an operator would, and an outside
witness, the sink's own file, says when each mail came. A run in which a mail is missing or
came twice fails.
"""

import json
import os
import smtplib
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import psutil
import sqlalchemy as sa

from services.chassis.config import read_settings
from services.chassis.ids import new_id
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.contracts import Contract
from services.notify.app import SERVICE
from services.notify.models import SentCopy
from services.notify.sending import send_due
from services.notify.sent_copies import copy_of
from tests.notify import factories
from tests.notify.mail_servers import HOST, free_port

PATIENCE_SECONDS = 600
WARM_UP = 0.1
"""The share of mails at the beginning that is not counted: processes are still starting."""


@dataclass(frozen=True)
class Sink:
    """What takes the mail: its command, and the settings that lead the product to it."""

    command: list[str]
    environment: dict[str, str]
    port: int


@dataclass(frozen=True)
class Result:
    """One run's figures; costs in milliseconds of CPU for each mail."""

    per_second: float
    sender_cost: float
    others_cost: float
    sink_cost: float
    seconds: float


def smtp_sink(witness: Path) -> Sink:
    """A plain SMTP server on this machine."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.smtp_sink", str(port), str(witness)]
    return Sink(command, {"TURNOUT_MAIL_URL": f"smtp://{HOST}:{port}"}, port)


def sendgrid_sink(witness: Path) -> Sink:
    """The strict stand-in of SendGrid, behaving well."""
    port = free_port()
    module = "tests.notify.sendgrid_stand_in"
    command = [sys.executable, "-m", module, "--port", str(port), "--witness", str(witness)]
    settings = {
        "TURNOUT_MAIL_URL": "sendgrid:?from=workshops@example.org",
        "SENDGRID_API_KEY": "the-key",
        "TURNOUT_SENDGRID_HOST": f"http://{HOST}:{port}",
    }
    return Sink(command, settings, port)


SINKS: dict[str, Callable[[Path], Sink]] = {"smtp": smtp_sink, "sendgrid": sendgrid_sink}


@click.command()
@click.option("--transport", type=click.Choice(sorted(SINKS)), default="smtp")
@click.option("--mails", default=1000, show_default=True)
@click.option("--runs", default=3, show_default=True)
def mail(transport: str, mails: int, runs: int) -> None:
    """Measure, and print a line for each run."""
    click.echo("  mails/s  ms CPU sender  ms CPU others  ms CPU sink   seconds")
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            found = measure(SINKS[transport], mails, Path(folder))
        click.echo(
            f"{found.per_second:9.0f}{found.sender_cost:15.1f}{found.others_cost:15.1f}"
            f"{found.sink_cost:13.1f}{found.seconds:10.1f}"
        )
    if transport == "smtp":
        with tempfile.TemporaryDirectory() as folder:
            click.echo(f"A bare smtplib loop, the same mails: {bare_loop(mails, Path(folder)):.0f}")


def measure(sink_in: Callable[[Path], Sink], mails: int, folder: Path) -> Result:
    """Queue the mails, start the product, wait until the sink has them all."""
    witness = folder / "witness.jsonl"
    sink = sink_in(witness)
    environment = sink.environment | {
        "TURNOUT_DATA": str(folder / "data"),
        "TURNOUT_PORT": str(free_port()),
        "TURNOUT_SECRET_KEY": "a secret key for this measurement only",
    }
    queue(environment, mails)
    with process(sink.command) as taking, process(_product(), environment) as site:
        before = time.monotonic()
        wait_until(lambda: witness.exists() and len(lines_of(witness)) >= mails)
        seconds = time.monotonic() - before
        costs = cost_by_process(site)
        sink_cost = _cpu(psutil.Process(taking.pid))
    check(lines_of(witness), mails)
    sender = sum(cost for name, cost in costs.items() if "clock" in name)
    return Result(
        per_second=rate(lines_of(witness)),
        sender_cost=sender / mails * 1000,
        others_cost=(sum(costs.values()) - sender) / mails * 1000,
        sink_cost=sink_cost / mails * 1000,
        seconds=seconds,
    )


def queue(environment: dict[str, str], mails: int) -> None:
    """Let notify hear of as many confirmed and waitlisted members, before anything sends."""
    Path(environment["TURNOUT_DATA"]).mkdir()
    runtime = start(SERVICE, read_settings(environment))
    upgrade(runtime)
    for number in range(mails):
        sample = factories.confirmed() if number % 5 == 0 else factories.waitlisted()
        hear_of(runtime, sample, number)
    runtime.database.dispose()


def hear_of(runtime: Runtime, sample: tuple[Contract, factories.Data], n: int) -> None:
    """One event about one member."""
    contract, data = sample
    recipient = factories.a_contact(
        email=f"member{n}@example.org", language="fr" if n % 2 else "en"
    )
    told = data | {"registration_id": new_id(), "recipient": recipient}
    at = datetime.now(UTC)
    runtime.inbox.receive(factories.an_envelope(contract, told, at=at), at)


def check(lines: list[dict[str, object]], mails: int) -> None:
    """Each mail came once."""
    copies = Counter(line["mail_id"] for line in lines)
    if len(copies) != mails or set(copies.values()) != {1}:
        raise SystemExit(f"wrong end state: {len(copies)} of {mails} mails, {len(lines)} copies")


def rate(lines: list[dict[str, object]]) -> float:
    """Mails a second after the warm-up."""
    moments = sorted(float(str(line["at"])) for line in lines)
    counted = moments[int(len(moments) * WARM_UP) :]
    return (len(counted) - 1) / (counted[-1] - counted[0])


def cost_by_process(site: "subprocess.Popen[bytes]") -> dict[str, float]:
    """Seconds of CPU by command line, of the launcher and everything under it."""
    launcher = psutil.Process(site.pid)
    family = [launcher, *launcher.children(recursive=True)]
    return {f"{each.pid} {' '.join(each.cmdline())}": _cpu(each) for each in family}


def bare_loop(mails: int, folder: Path) -> float:
    """The rate of one thread that only hands over finished messages: the limit of the sink."""
    witness = folder / "witness.jsonl"
    sink = smtp_sink(witness)
    content = a_finished_mail(folder)
    with process(sink.command), connected(sink.port) as server:
        for _ in range(mails):
            server.noop()
            server.sendmail("no-reply@example.org", "member@example.org", content)
        wait_until(lambda: len(lines_of(witness)) >= mails)
    return rate(lines_of(witness))


def a_finished_mail(folder: Path) -> bytes:
    """One of the product's own messages."""
    runtime = start(
        SERVICE, read_settings({"TURNOUT_DATA": str(folder), "TURNOUT_SECRET_KEY": "k" * 32})
    )
    upgrade(runtime)
    hear_of(runtime, factories.confirmed(), 0)
    send_due(runtime, datetime.now(UTC))
    with runtime.database.reading() as db:
        return copy_of(db, db.scalars(sa.select(SentCopy.delivery_id)).one()) or b""


@contextmanager
def process(
    command: list[str], settings: dict[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a session of its own, asked to end and then waited for."""
    environment = os.environ | (settings or {})
    found = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        yield found
    finally:
        found.terminate()
        found.wait(timeout=60)


@contextmanager
def connected(port: int) -> Iterator[smtplib.SMTP]:
    """A connection to the sink as soon as it listens."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            server = smtplib.SMTP(HOST, port)
            break
        except ConnectionRefusedError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
    with server:
        yield server


def wait_until(fact: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not fact():
        if time.monotonic() > give_up_at:
            raise SystemExit("the mails did not all come in time")
        time.sleep(0.2)


def lines_of(witness: Path) -> list[dict[str, object]]:
    """What the sink wrote down, whole lines only."""
    text = witness.read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _product() -> list[str]:
    return [sys.executable, "-m", "infra", "run", "--no-demo"]


def _cpu(process_: psutil.Process) -> float:
    times = process_.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    mail()
