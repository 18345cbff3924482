"""Members who sign up while something happens to the system, and what became of them."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from tests.facts import eventually
from tests.faults.checker import Tally, check
from tests.faults.system import System
from tests.faults.witness import SIGN_UP

PATIENCE_SECONDS = 180
SEATS = 30
DAYS_AHEAD = 40
OFFENCES_SECONDS = 10


@contextmanager
def under_load(
    system: System, fault: str, *, seats: int = SEATS, on: date | None = None, **load: float
) -> Iterator["Rush"]:
    """Members sign up; afterwards the outcome is waited for, counted and reported.

    The session is `on` a day, or else far enough ahead to be in nobody's way. `load` are options
    of the load: `rate` a second, `seconds`, `cancels_every`.
    """
    happened, offences = system.faults.happened(), system.offences()
    days_ahead = (on - datetime.now(UTC).date()).days if on else DAYS_AHEAD
    session = system.site.publish_session(seats, days_ahead=days_ahead)
    name = "".join(each for each in fault.lower() if each.isalnum())
    process = subprocess.Popen(
        _command(system, session, name, load), env=os.environ | {"LOAD_TOKEN": system.site.token}
    )
    rush = Rush(system, fault, session, name, process, happened, offences)
    try:
        yield rush
        process.wait(timeout=PATIENCE_SECONDS)
    finally:
        process.kill()
        process.wait()
    rush.settle()


def lasting(seconds: float) -> None:
    """How long a fault is: the one thing here that is waited for by the clock."""
    time.sleep(seconds)


@dataclass
class Rush:
    """The members of one fault; their addresses begin with its `name`."""

    system: System
    fault: str
    session: str
    name: str
    process: "subprocess.Popen[bytes]"
    already: Counter[str]
    offences_before: set[str]
    tally: Tally = field(default_factory=Tally)

    def until(self, answers: int) -> None:
        """Wait until so many were answered."""

        def so_many() -> None:
            assert len(self.system.witness.answers(self.session)) >= answers

        eventually(so_many, within=PATIENCE_SECONDS)

    def until_over(self) -> None:
        """Wait until everybody was answered."""
        self.process.wait(timeout=PATIENCE_SECONDS)

    def until_all_but(self, number: int) -> None:
        """Wait until everybody was answered and all but so many have a mail."""
        self.until_over()

        def all_but() -> None:
            reached = {mail.to for mail in self.system.witness.mails()}
            answers = self.system.witness.answers(self.session)
            told = {each.email for each in answers if each.what == SIGN_UP and each.is_accepted}
            assert len(told - reached) <= number, sorted(told - reached)

        eventually(all_but, within=PATIENCE_SECONDS)

    def until_doubted(self, number: int) -> None:
        """Wait until so many mails are marked as perhaps sent."""

        def so_many() -> None:
            rows = self.system.tables(self.session).deliveries.values()
            assert sum(bool(row["second_copy_possible"]) for row in rows) >= number

        eventually(so_many, within=PATIENCE_SECONDS)

    def let_claims_run_out(self) -> None:
        """A killed sender keeps its mails for four minutes; after that they rest for two."""
        self.until_over()
        eventually(self.system.is_told, within=PATIENCE_SECONDS)
        self.system.go_ahead(minutes=5)
        eventually(self.system.has_no_claims, within=PATIENCE_SECONDS)
        self.system.go_ahead(minutes=3)

    @contextmanager
    def fault_on(self) -> Iterator[None]:
        """Note from when until when the fault lasts."""
        began = time.time()
        yield
        self.system.witness.note_fault(self.session, began, time.time())

    def happened(self, place: str) -> int:
        """How often the placed fault has happened in this rush."""
        return self.system.faults.happened()[place] - self.already[place]

    def until_happened(self, place: str) -> None:
        """Wait until a placed fault has happened."""

        def once() -> None:
            assert self.happened(place), f"{place} was not reached"

        with self.fault_on():
            eventually(once, within=PATIENCE_SECONDS)

    def settle(self) -> None:
        """Wait until nothing is left to do, count, and put the numbers into the report."""
        try:
            eventually(self.system.is_settled, within=PATIENCE_SECONDS)
        finally:
            self.tally = check(self.system.witness, self.system.databases, self.session)
            with suppress(AssertionError):
                eventually(self._nothing_offends, within=OFFENCES_SECONDS)
            self.system.report.add(self.fault, self.system.dialect, self.tally)

    def _nothing_offends(self) -> None:
        """What is under way at the moment of looking is over a little later."""
        self.tally.offences = sorted(self.system.offences() - self.offences_before)
        assert self.tally.offences == []

    def nobody_noticed(self) -> None:
        """Everybody was answered at the first try, and all that they were told is so."""
        tally = self.tally
        assert tally.wrongs == {}
        assert (tally.broken, tally.unanswered_tries, tally.refused) == (0, 0, 0)

    def everybody_got_through(self) -> None:
        """All that they were told is so, though some had to ask again."""
        assert self.tally.wrongs == {}
        assert self.tally.refused == 0


def _command(system: System, session: str, name: str, load: Mapping[str, float]) -> list[str]:
    port, file = str(system.site.launched.port), str(system.witness.answers_file)
    command = [sys.executable, "-m", "tests.faults.load", port, session, file, "--name", name]
    for option, value in load.items():
        command += [f"--{option.replace('_', '-')}", str(value)]
    return command
