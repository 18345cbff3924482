"""A season of mail for 2,000 members survives its provider and the death of its senders."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.serving import make_server

from services.chassis.config import read_settings
from services.chassis.migrate import upgrade
from services.chassis.service import Runtime, start
from services.chassis.web import create_app
from services.notify.app import SERVICE
from services.notify.models import DELIVERED, UNKNOWN, Attempt, Delivery
from tests.databases import SECRET, PostgresServer
from tests.facts import eventually
from tests.notify.mail_servers import HOST, free_port
from tests.system.season import Tally, count, is_quiet, lines_of, senders, tell_everybody

KEY = "the-key"
MISFORTUNE = {
    "chances": {"too_many": 0.05, "too_many_untold": 0.05, "broken": 0.05, "silent": 0.01},
    "outages": [[3, 8], [14, 19]],
}
"""A tenth refused for their number, a twentieth broken, a hundredth taken without an answer."""
MEMBERS = {"sqlite": 2000, "postgresql": 500}
PATIENCE_SECONDS = 400


@pytest.fixture
def database(dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if dialect == "sqlite":
        return f"sqlite:///{tmp_path / 'notify.sqlite3'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.url(server.create())


def settings(data: Path, database: str, provider: str) -> dict[str, str]:
    return {
        "TURNOUT_DATA": str(data),
        "TURNOUT_SECRET_KEY": SECRET,
        "TURNOUT_NOTIFY_DATABASE_URL": database,
        "TURNOUT_MAIL_URL": "sendgrid:?timeout=1&from=workshops@example.org",
        "SENDGRID_API_KEY": KEY,
        "TURNOUT_SENDGRID_HOST": provider,
    }


@contextmanager
def a_provider(port: int, witness: Path, plan: dict[str, object], *more: str) -> Iterator[None]:
    """The stand-in in a process of its own, as far from the product as the real one."""
    witness.touch()
    options = ["--port", str(port), "--key", KEY, "--witness", str(witness)]
    command = [sys.executable, "-m", "tests.notify.sendgrid_stand_in", *options, *more]
    process = subprocess.Popen(
        [*command, "--plan", json.dumps(plan)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http")
    try:
        yield
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def a_hook(runtime: Runtime, port: int) -> Iterator[None]:
    """The web side of notify, to which the provider reports."""
    server = make_server(HOST, port, create_app(runtime), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def live_through(runtime: Runtime, environment: dict[str, str], witness: Path) -> Tally:
    """Send until nothing is left, a sender being killed every second or so."""
    tally, began = Tally(), time.time()
    with senders(environment, began, tally) as sending:
        while not is_quiet(runtime):
            assert time.time() - began < PATIENCE_SECONDS, str(count(runtime, witness, tally))
            sending.kill_now_and_then(len(lines_of(witness)))
            time.sleep(0.05)
    tally.seconds = time.time() - began
    return count(runtime, witness, tally)


def a_service(environment: dict[str, str]) -> Runtime:
    runtime = start(SERVICE, read_settings(environment))
    upgrade(runtime)
    return runtime


def test_every_mail_of_a_season_is_accounted_for(
    tmp_path: Path, database: str, dialect: str
) -> None:
    members = MEMBERS[dialect]
    port, witness = free_port(), tmp_path / "witness.jsonl"
    environment = settings(tmp_path / "data", database, f"http://{HOST}:{port}")
    runtime = a_service(environment)
    tell_everybody(runtime, members, datetime.now(UTC))
    with a_provider(port, witness, MISFORTUNE):
        tally = live_through(runtime, environment, witness)
    runtime.database.dispose()
    print(tally)  # noqa: T201 - the figures, for whoever asks for them with -s
    assert tally.mails_called_for == members * 7 // 5
    assert tally.replaced_by_newer_news == members * 2 // 5
    assert tally.lost == tally.sent_though_replaced == tally.second_copies_outside_it == 0
    assert tally.senders_killed >= members // 200
    assert 0 < tally.second_copies_in_the_window < members * 0.05


def test_reports_of_the_provider_settle_every_doubt_without_a_second_copy(tmp_path: Path) -> None:
    port, hook, witness = free_port(), free_port(), tmp_path / "witness.jsonl"
    public_key = tmp_path / "webhook.key"
    hook_address = f"http://{HOST}:{hook}/hooks/sendgrid"
    report = ["--report-to", hook_address, "--public-key", f"{public_key}"]
    database = f"sqlite:///{tmp_path / 'notify.sqlite3'}"
    environment = settings(tmp_path / "data", database, f"http://{HOST}:{port}")
    with a_provider(port, witness, {"chances": {"silent": 0.1}}, *report):
        key = {"TURNOUT_SENDGRID_WEBHOOK_KEY": public_key.read_text(encoding="ascii")}
        runtime = a_service(environment | key)
        tell_everybody(runtime, 200, datetime.now(UTC))
        with a_hook(runtime, hook):
            tally = live_through(runtime, environment | key, witness)
            eventually(lambda: everything_was_delivered(runtime, 200), within=10)
    unanswered = how_many(runtime, Attempt.outcome == UNKNOWN)
    runtime.database.dispose()
    assert tally.lost == tally.second_copies_in_the_window == tally.second_copies_outside_it == 0
    assert unanswered > 10


def everything_was_delivered(runtime: Runtime, count: int) -> None:
    assert how_many(runtime, Delivery.state == DELIVERED) == count


def how_many(runtime: Runtime, condition: sa.ColumnElement[bool]) -> int:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).where(condition)) or 0
