"""A season's mail through a provider that misbehaves, and what an outside witness saw of it."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.contracts import Contract
from services.notify.models import (
    ACCEPTED,
    BOUNCED,
    DELIVERED,
    DROPPED,
    SUPERSEDED,
    UNDER_WAY,
    Delivery,
)
from tests.notify import factories

SPEED = 60.0
"""Ten minutes of patience pass in ten seconds."""
SENDERS = 2
MAILS_BETWEEN_KILLS = (40, 160)
_SENT = (ACCEPTED, DELIVERED, BOUNCED, DROPPED)


@dataclass
class Tally:
    """What the witness and the database say together, as numbers."""

    mails_called_for: int = 0
    replaced_by_newer_news: int = 0
    sent_once: int = 0
    second_copies_in_the_window: int = 0
    second_copies_outside_it: int = 0
    marked_but_sent_once: int = 0
    lost: int = 0
    sent_though_replaced: int = 0
    attempts: int = 0
    senders_killed: int = 0
    seconds: float = 0
    states: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        numbers = {name: value for name, value in vars(self).items() if name != "states"}
        lines = [f"{name.replace('_', ' '):30}{value:>8.5g}" for name, value in numbers.items()]
        return "\n".join([*lines, *(f"  {state:28}{n:>8}" for state, n in self.states.items())])


def tell_everybody(runtime: Runtime, members: int, now: datetime) -> None:
    """Let notify hear of each member; some stories go on before their first mail is out."""
    for number in range(members):
        registration_id = new_id()
        for sequence, (contract, data) in enumerate(_story(number), start=1):
            language = "fr" if number % 2 else "en"
            contact = factories.a_contact(email=f"member{number}@example.org", language=language)
            told = data | {"registration_id": registration_id, "recipient": contact}
            envelope = factories.an_envelope(contract, told, sequence=sequence, at=now)
            runtime.inbox.receive(envelope, now)


def _story(number: int) -> list[tuple[Contract, factories.Data]]:
    """What happened to one member: most have a seat, some wait, some get one, some cancel."""
    waited = factories.waitlisted(place=number % 40 + 1)
    stories = [
        [factories.confirmed()],
        [factories.confirmed()],
        [waited],
        [waited, factories.confirmed()],
        [factories.confirmed(), factories.cancelled()],
    ]
    return stories[number % len(stories)]


@contextmanager
def senders(environment: dict[str, str], began: float, tally: Tally) -> Iterator["Senders"]:
    """Processes that send; they are ended with the context."""
    running = Senders(environment, began, tally)
    try:
        yield running
    finally:
        running.end()


class Senders:
    """As many sending processes as the season has, each replaced when it is killed."""

    def __init__(self, environment: dict[str, str], began: float, tally: Tally) -> None:
        self._command = [sys.executable, "-m", "tests.system.season_sender", f"{began}", f"{SPEED}"]
        self._environment = os.environ | environment
        self._tally = tally
        self._processes = [self._start() for _ in range(SENDERS)]
        self._random = random.Random(20_261_121)  # noqa: S311 - when to kill, the same each run
        self._next_kill = self._after(0)

    def kill_now_and_then(self, taken: int) -> None:
        """Kill one when so many more mails were taken, and start another in its place."""
        for process in self._processes:
            if process.poll() is not None:
                raise AssertionError(f"a sender ended by itself with {process.returncode}")
        if taken < self._next_kill:
            return
        number = self._random.randrange(SENDERS)
        self._processes[number].kill()
        self._processes[number].wait()
        self._processes[number] = self._start()
        self._tally.senders_killed += 1
        self._next_kill = self._after(taken)

    def end(self) -> None:
        """Kill them all."""
        for process in self._processes:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)

    def _after(self, taken: int) -> int:
        return taken + self._random.randint(*MAILS_BETWEEN_KILLS)


def is_quiet(runtime: Runtime) -> bool:
    """Whether nothing is left for the senders to do."""
    with runtime.database.reading() as db:
        left = sa.select(Delivery.id).where(Delivery.state.in_(UNDER_WAY)).limit(1)
        return db.scalar(left) is None


def lines_of(witness: Path) -> list[str]:
    """The mails that the provider took, a line of JSON each."""
    return witness.read_text(encoding="utf-8").splitlines()


def count(runtime: Runtime, witness: Path, tally: Tally) -> Tally:
    """Join the database with what the provider took."""
    taken = Counter(UUID(json.loads(line)["mail_id"]) for line in lines_of(witness))
    with runtime.database.reading() as db:
        rows = db.scalars(sa.select(Delivery)).all()
    for row in rows:
        _count_one(row, taken[row.id], tally)
    tally.mails_called_for = len(rows)
    return tally


def _count_one(row: Delivery, copies: int, tally: Tally) -> None:
    tally.states[row.state] += 1
    tally.attempts += row.attempts
    if row.state == SUPERSEDED:
        tally.replaced_by_newer_news += 1
        tally.sent_though_replaced += bool(copies) and not row.second_copy_possible
        return
    tally.lost += row.state not in _SENT or not copies
    tally.sent_once += copies == 1
    tally.marked_but_sent_once += row.second_copy_possible and copies == 1
    if copies > 1 and row.second_copy_possible:
        tally.second_copies_in_the_window += copies - 1
    elif copies > 1:
        tally.second_copies_outside_it += copies - 1
