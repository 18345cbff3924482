"""The whole system as `turnout run` starts it, with its outside witness."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa

from infra.composition import begin, opened
from infra.reconciling import examine
from services.chassis.config import Settings, read_settings
from services.chassis.inbox import PARKED, InboxRow
from services.contracts import SERVICES
from tests.brokers import Broker
from tests.facts import eventually
from tests.faults.placing import Faults
from tests.faults.report import Report
from tests.faults.tables import Tables, count, read_tables, rows
from tests.faults.witness import Witness
from tests.notify.mail_servers import HOST, free_port
from tests.system.launcher import commands_of, end, environment, launch, turnout
from tests.system.members import Site

PATIENCE_SECONDS = 120
NOTHING_IS_YOUNG = timedelta(minutes=5)
UNCONFIRMED = "SELECT count(*) FROM outbox WHERE confirmed_at IS NULL"


@dataclass
class MailServer:
    """The mail server: a process of its own with its own file."""

    port: int
    folder: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def moods(self) -> Path:
        """What it does with the next mails."""
        return self.folder / "moods"

    def start(self) -> None:
        files = [str(self.folder / "mails.jsonl"), str(self.moods)]
        command = [sys.executable, "-m", "tests.faults.sink", str(self.port), *files]
        self.process = subprocess.Popen(command)

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class System:
    """A running site with everything around it that a fault may touch or a witness must see.

    `broker` is None where it is the embedded one. `minutes_ahead` is by how much the clocks of
    its processes are before the real one.
    """

    folder: Path
    dialect: str
    environment: Mapping[str, str]
    report: Report
    site: Site
    mail_server: MailServer
    broker: Broker | None = None
    minutes_ahead: float = field(default=0, init=False)

    @property
    def faults(self) -> Faults:
        return Faults(self.folder / "faults")

    @property
    def witness(self) -> Witness:
        return Witness(self.folder)

    @property
    def settings(self) -> Settings:
        """As the launched processes read them."""
        return read_settings({"TURNOUT_DATA": str(self.site.launched.data), **self.environment})

    @property
    def databases(self) -> Mapping[str, str]:
        return self.settings.database_urls

    def tables(self, session: str) -> Tables:
        return read_tables(self.databases, session)

    def processes(self, *words: str) -> list[psutil.Process]:
        """The living processes whose command ends with these words."""
        found = commands_of(self.site.launched.data)
        return [each for each, command in found if command[-len(words) :] == [*words]]

    def embedded_brokers(self) -> list[psutil.Process]:
        found = commands_of(self.site.launched.data)
        return [each for each, command in found if "valkey-server" in command[0]]

    def start_again(self) -> None:
        """What an operator does after an upgrade: the same data folder, the same port."""
        data, port = self.site.launched.data, self.site.launched.port
        self.site.launched.process.stdout.close()
        self.site.launched = launch(data, "--no-demo", port=port, **self.environment)

    def sign_in(self) -> None:
        """A staff token, which stands for a while."""
        self.site.token = self.turnout("token", "admin@example.org").strip().splitlines()[-1]

    def turnout(self, *arguments: str) -> str:
        """What a command says that an operator runs."""
        launched = self.site.launched
        env = environment(launched.data, launched.port, **self.environment)
        done = turnout(*arguments, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def go_ahead(self, *, minutes: float) -> None:
        """Let simulated time pass."""
        self.minutes_ahead += minutes
        self.faults.set_clock_ahead(self.minutes_ahead * 60)

    def go_to(self, moment: datetime) -> None:
        """Set the clocks of its processes."""
        self.go_ahead(minutes=(moment - self.now).total_seconds() / 60)

    @property
    def now(self) -> datetime:
        """What time it is in its processes."""
        return datetime.now(UTC) + timedelta(minutes=self.minutes_ahead)

    def replay_parked(self, service: str) -> None:
        """What staff do with "Try again" when the cause is mended."""
        runtime = begin(service, self.settings)
        with runtime.database.reading() as db:
            parked = sa.select(InboxRow.event_id).where(InboxRow.outcome == PARKED)
            events = db.scalars(parked).all()
        assert [runtime.inbox.replay(each, self.now) for each in events] == [True]
        runtime.database.dispose()

    def offences(self) -> set[str]:
        """What `turnout reconcile` finds, also of what is younger than five minutes."""
        now = self.now + NOTHING_IS_YOUNG
        with ExitStack() as stack:
            runtimes = {name: stack.enter_context(opened(name, self.settings)) for name in SERVICES}
            return {
                f"{each.number} {each.wrong} {each.about} {each.key}"
                for answer in examine(runtimes, now)
                for each in answer.offences()
            }

    def is_settled(self) -> None:
        """Nothing waits in any outbox or queue, and no mail is under way."""
        self.is_told()
        for name in SERVICES if self.broker else ():
            assert self.broker.length(name) == 0, f"messages for {name} wait"
        assert self._mails("sending", "unknown") == 0, "mails are claimed or in doubt"

    def is_told(self) -> None:
        """Nothing waits in any outbox, and no mail waits for its first or next attempt."""
        for name in SERVICES:
            assert count(self.databases[name], UNCONFIRMED) == 0, f"events of {name} wait"
        assert self._mails("queued") == 0, "mails wait"

    def has_no_claims(self) -> None:
        """No sender has a mail, dead or alive."""
        assert self._mails("sending") == 0, "mails are claimed"

    def _mails(self, *states: str) -> int:
        query = "SELECT state FROM delivery"
        return sum(row["state"] in states for row in rows(self.databases["notify"], query))

    def is_well(self) -> None:
        """Every health page answers 200."""
        for name in SERVICES:
            status, answer = self.site.call("GET", f"/readyz/{name}")
            assert status == 200, answer


@contextmanager
def a_system(
    folder: Path,
    dialect: str,
    report: Report,
    *,
    broker: Broker | None = None,
    **settings: str,
) -> Iterator[System]:
    """A running system; nothing of it is left afterwards."""
    (folder / "faults").mkdir(parents=True)
    mail_server = MailServer(free_port(), folder)
    ours = {
        "TURNOUT_SIGN_UP_LIMIT": "off",
        "TURNOUT_MAIL_URL": f"smtp://{HOST}:{mail_server.port}",
        **({"TURNOUT_REDIS_URL": broker.url} if broker else {}),
        **Faults(folder / "faults").environment,
        **settings,
    }
    mail_server.start()
    launched = launch(folder / "data", "--no-demo", **ours)
    site = Site(launched, "")
    system = System(folder, dialect, ours, report, site, mail_server, broker)
    try:
        system.sign_in()
        eventually(lambda: site.knows("/api/v1/workshops"), within=PATIENCE_SECONDS)
        yield system
    finally:
        end(system.site.launched)
        mail_server.stop()
