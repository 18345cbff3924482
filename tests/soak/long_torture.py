"""Torture: eight clients do anything to a hundred sessions, then everything must add up."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from infra.composition import opened
from infra.reconciling import examine
from services.chassis.config import read_settings
from services.chassis.invariants import SETTLED
from services.chassis.outbox import OutboxRow
from services.contracts import SERVICES
from services.notify.models import UNDER_WAY, Delivery
from services.registration.models import Registration, StoredAnswer
from tests.facts import eventually
from tests.system.launcher import environment
from tests.system.members import Site, a_site

CLIENTS, SESSIONS = 8, 100
SECONDS = os.environ.get("SOAK_SECONDS", "60")
QUIET_WITHIN = 300
ACCEPTED = (201, 202)


@pytest.fixture
def site(tmp_path: Path, databases: dict[str, str]) -> Iterator[Site]:
    with a_site(tmp_path / "data", **databases) as site:
        yield site


def test_after_a_minute_of_anything_everything_adds_up(
    site: Site, databases: dict[str, str], tmp_path: Path
) -> None:
    sessions = [site.publish_session(6) for _ in range(SESSIONS)]
    statuses = torture(site, databases, tmp_path, sessions)
    say(f"{sum(statuses.values())} requests in {SECONDS} s: {dict(sorted(statuses.items()))}")
    assert [code for code in statuses if int(code) >= 500] == []
    settings = read_settings(environment(site.launched.data, site.launched.port, **databases))
    with ExitStack() as stack:
        runtimes = {name: stack.enter_context(opened(name, settings)) for name in SERVICES}
        eventually(lambda: is_quiet(runtimes), within=QUIET_WITHIN)
        all_settled = datetime.now(UTC) + SETTLED
        assert [
            each for answer in examine(runtimes, all_settled) for each in answer.offences()
        ] == []
        answers = answers_in(tmp_path)
        assert len(answers) > 0
        kept(runtimes["registration"], answers)
        say(f"{len(answers)} answered sign-ups, every one with its place")


def say(words: str) -> None:
    """For whoever runs it with -rP."""
    sys.stdout.write(f"{words}\n")


def torture(
    site: Site, databases: dict[str, str], folder: Path, sessions: list[str]
) -> Counter[str]:
    """Let all clients loose; returns how often each status was answered."""
    env = environment(site.launched.data, site.launched.port, **databases, SOAK_TOKEN=site.token)
    env["TURNOUT_BASE_URL"] = site.launched.url
    command = [sys.executable, "-m", "tests.soak.client", str(site.launched.port), SECONDS]
    clients = [
        subprocess.Popen(
            [*command, str(number), str(folder / f"answers-{number}"), *sessions],
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(CLIENTS)
    ]
    counts: Counter[str] = Counter()
    for client in clients:
        said, _ = client.communicate(timeout=float(SECONDS) + 120)
        assert client.returncode == 0, "a client broke down"
        counts.update(json.loads(said.splitlines()[-1]))
    return counts


def is_quiet(runtimes: dict[str, Any]) -> None:
    """Nothing waits in an outbox, no mail is under way."""
    for runtime in runtimes.values():
        with runtime.database.reading() as db:
            waiting = sa.select(sa.func.count()).where(OutboxRow.confirmed_at.is_(None))
            assert db.scalar(waiting) == 0
    with runtimes["notify"].database.reading() as db:
        under_way = sa.select(sa.func.count()).where(Delivery.state.in_(UNDER_WAY))
        assert db.scalar(under_way) == 0


def answers_in(folder: Path) -> list[dict[str, Any]]:
    """The accepted sign-ups, as the clients wrote them down."""
    lines = [line for file in folder.glob("answers-*") for line in file.read_text().splitlines()]
    return [each for each in map(json.loads, lines) if each["http"] in ACCEPTED]


def kept(registration: Any, answers: list[dict[str, Any]]) -> None:
    """Each answer's key leads to one registration, of that person, in that session."""
    with registration.database.reading() as db:
        rows = {
            row.key: db.get_one(Registration, row.registration_id)
            for row in db.scalars(sa.select(StoredAnswer))
        }
        for each in answers:
            place = rows[f"api:{each['key']}"]
            assert (str(place.session_id), place.person.email) == (each["session"], each["email"])
            assert each.get("id") in (None, str(place.id))
