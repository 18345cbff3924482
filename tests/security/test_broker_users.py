"""The broker's users of the container set-up: each process can do its work, and nothing else."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from infra.doctor import examine
from infra.embedded_broker import broker_command
from services.chassis.broker import make_celery
from services.chassis.health import WORKER, Heartbeat
from services.chassis.outbox import publish
from services.chassis.relay import relay, send_canary
from services.chassis.service import Runtime
from services.contracts import SERVICES
from services.contracts.sessions import SESSION_PUBLISHED
from services.registration.app import SERVICE
from services.registration.models import WorkshopSession
from tests.brokers import a_broker
from tests.databases import SECRET, StartService, settings_for
from tests.facts import eventually
from tests.registration.factories import NOW, facts
from tests.system.launcher import a_free_port

PATIENCE_SECONDS = 5


@dataclass(frozen=True)
class Guarded:
    """A broker with the users that `infra/make-secrets` makes."""

    secrets: Path
    port: int

    def url(self, user: str) -> str:
        text = (self.secrets / f"{user}_broker_url").read_text("ascii")
        return text.replace("@valkey:6379", f"@127.0.0.1:{self.port}")

    def client(self, user: str) -> redis.Redis:
        return redis.Redis.from_url(self.url(user), socket_timeout=PATIENCE_SECONDS)

    def refusals(self) -> list[str]:
        """What its log says was refused to whom."""
        log = self.admin.acl_log()
        return [f"{each['username']}: {each['reason']} {each['object']}" for each in log]

    @property
    def admin(self) -> redis.Redis:
        known = {"port": self.port, "username": "admin", "socket_timeout": PATIENCE_SECONDS}
        return redis.Redis(**known, decode_responses=True)


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "infra").mkdir()
    shutil.copy("infra/make-secrets", folder / "infra")
    subprocess.run(["sh", folder / "infra" / "make-secrets"], check=True, capture_output=True)
    guarded = Guarded(folder / "secrets", a_free_port())
    users = guarded.secrets / "broker_users"
    users.write_text(users.read_text() + "\nuser admin on nopass ~* &* +@all\n")
    command = broker_command(guarded.secrets / "x.sock", folder)
    more = ["--port", str(guarded.port), "--bind", "127.0.0.1", "--aclfile", str(users)]
    process = subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(guarded), within=10)
        yield guarded
    finally:
        process.kill()
        process.wait()


def answers(guarded: Guarded) -> None:
    try:
        guarded.client("catalog_clock").ping()
    except redis.exceptions.ConnectionError as problem:
        raise AssertionError("the broker does not answer yet") from problem


def test_a_worker_and_the_clocks_do_their_work_and_nothing_is_refused_to_them(
    broker: Guarded, start_service: StartService, tmp_path: Path
) -> None:
    runtime = start_service(SERVICE)
    tell(runtime, broker, tmp_path)
    environ = {
        "TURNOUT_DATA": str(tmp_path),
        "TURNOUT_SECRET_KEY": SECRET,
        "TURNOUT_REDIS_URL": broker.url("registration_worker"),
        "TURNOUT_REGISTRATION_DATABASE_URL": runtime.settings.database_urls["registration"],
    }
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "infra", "worker", "registration"],
            env=os.environ | environ,
            stdout=log,
            stderr=log,
        )
        try:
            eventually(lambda: has_worked(runtime), within=60)
        finally:
            worker.kill()
            worker.wait()
    assert "NOPERM" not in (tmp_path / "worker.log").read_text("utf-8")
    settings = settings_for(tmp_path, TURNOUT_REDIS_URL=broker.url("registration_worker"))
    broken = [each for each in examine(settings) if each.cure and "broker" in each.subject]
    assert broken == []
    assert broker.refusals() == []


def tell(runtime: Runtime, broker: Guarded, folder: Path) -> None:
    """The catalog's clock tells of a session, and registration's own lets a canary go."""
    session = facts()
    with runtime.database.writing() as db:
        publish(db, SESSION_PUBLISHED, subject=session["session_id"], data=session, now=NOW)
    clock = settings_for(folder, TURNOUT_REDIS_URL=broker.url("catalog_clock"))
    relay(runtime.database, make_celery("catalog", clock), NOW)
    own = settings_for(folder, TURNOUT_REDIS_URL=broker.url("registration_clock"))
    send_canary(make_celery("registration", own), "registration", is_late=False, now=NOW)


def has_worked(runtime: Runtime) -> None:
    with runtime.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(WorkshopSession)) == 1
        assert db.get(Heartbeat, WORKER) is not None


_READING = ["BRPOP registration 1", "LRANGE registration 0 -1", "HGETALL registration.unacked"]
FORBIDDEN = {
    "catalog_clock": [*_READING, "DEL registration", "PUBLISH /0.celery.pidbox x"],
    "notify_clock": [*_READING, "RPUSH registration x", "SUBSCRIBE x"],
    "catalog_worker": [
        *_READING,
        *("LPUSH registration x", "HGET registration.unacked x", "LRANGE catalog 0 -1"),
        *("DEL notify", "SUBSCRIBE x"),
    ],
    "health": ["INFO", "LLEN catalog"],
}
ADMINISTRATION = [
    *("KEYS *", "SCAN 0", "CONFIG GET *", "FLUSHALL", "FLUSHDB", "SHUTDOWN", "ACL LIST"),
    *("SAVE", "CLIENT LIST", "REPLICAOF 127.0.0.1 1", "MODULE LIST"),
    *("DUMP catalog", "MONITOR"),
]
USERS = ["health", *(f"{name}_{kind}" for name in SERVICES for kind in ("worker", "clock"))]


@pytest.mark.parametrize("user", USERS)
def test_what_is_not_its_work_is_refused(broker: Guarded, user: str) -> None:
    for command in [*FORBIDDEN.get(user, []), *ADMINISTRATION]:
        with pytest.raises(redis.exceptions.NoPermissionError):
            client_of(broker, user).execute_command(*command.split())


def client_of(broker: Guarded, user: str) -> redis.Redis:
    if user != "health":
        return broker.client(user)
    password = (broker.secrets / "broker_health_password").read_text("ascii")
    known = {"username": "health", "password": password}
    return redis.Redis(port=broker.port, socket_timeout=PATIENCE_SECONDS, **known)


def test_nobody_comes_in_without_a_password(broker: Guarded) -> None:
    for stranger in (redis.Redis(port=broker.port), redis.Redis(port=broker.port, password="x")):
        with pytest.raises(
            (redis.exceptions.AuthenticationError, redis.exceptions.NoPermissionError)
        ):
            stranger.ping()


def test_making_the_secrets_again_keeps_them(broker: Guarded) -> None:
    before = broker.url("notify_clock")
    script = broker.secrets.parent / "infra" / "make-secrets"
    subprocess.run(["sh", script], check=True, capture_output=True)
    assert broker.url("notify_clock") == before
    assert broker.secrets.stat().st_mode & 0o077 == 0


def test_the_embedded_broker_listens_on_a_socket_of_its_owners_alone(tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker:
        assert stat.S_IMODE(broker.socket.stat().st_mode) == 0o700
        assert broker.client.config_get("port")["port"] == "0"
