"""Examines a site from settings to mail, and says of each problem what to do about it."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError

from infra.composition import begin
from infra.findings import Finding, fine, writable
from infra.mail_check import examine_mail
from infra.migrations import revisions
from services.chassis.config import Settings
from services.chassis.health import read_health
from services.chassis.service import Runtime
from services.contracts import SERVICES

LONG_QUEUE = 1_000
_PATIENCE_SECONDS = 5
_CURES = {
    "no worker": "Start `turnout worker {service}`; it shows itself within 15 seconds.",
    "worker": "Is `turnout worker {service}` running, and the clock? Their logs say more.",
    "events are waiting": "Is the subscriber's worker running, and the broker? It then clears up.",
    "messages were refused": "Read why at /staff/events/{service}/. Do all processes have the same "
    "version and secret key? Otherwise somebody else writes to the broker.",
    "events are parked": "Read them at /staff/events/{service}/, and replay them there.",
}
_CURE_OF_CLOCK = "Is `turnout clock` running? Its log says more."


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, the foundations first; the settings themselves have been read."""
    yield fine("settings", "can be read")
    yield writable("data folder", settings.data, setting="TURNOUT_DATA")
    yield from _examine_broker(settings)
    for name in SERVICES:
        yield from _examine_service(name, settings)
    yield from examine_mail(settings)


def _examine_broker(settings: Settings) -> Iterator[Finding]:
    try:
        with closing(_broker(settings)) as broker:
            yield from _broker_findings(broker)
    except RedisError as problem:
        cure = "Is it running? `turnout run` starts one; TURNOUT_REDIS_URL names another."
        yield Finding("broker", f"does not answer ({problem})", cure)


def _broker(settings: Settings) -> Redis:
    """Redis' own library writes the address of a socket differently from Celery's."""
    url = settings.broker_url.replace("redis+socket://", "unix://")
    return Redis.from_url(
        url,
        socket_timeout=_PATIENCE_SECONDS,
        socket_connect_timeout=_PATIENCE_SECONDS,
        decode_responses=True,
    )


def _broker_findings(broker: Redis) -> Iterator[Finding]:
    facts = broker.info()
    yield fine("broker", "answers")
    if facts.get("aof_enabled"):
        yield fine("broker persistence", "append-only file is on")
    else:
        yield Finding("broker persistence", "append-only file is off", "Set `appendonly yes`.")
    policy = facts.get("maxmemory_policy")
    if policy == "noeviction":
        yield fine("broker memory", "noeviction")
    else:
        cure = "Set `maxmemory-policy noeviction`: any other deletes whole queues."
        yield Finding("broker memory", f"policy is {policy}", cure)
    for name in SERVICES:
        yield _queue(name, int(broker.llen(name)))


def _queue(name: str, length: int) -> Finding:
    if length <= LONG_QUEUE:
        return fine(f"queue {name}", f"{length} waiting")
    cure = f"Start more of `turnout worker {name}`; its log says whether it gets on."
    return Finding(f"queue {name}", f"{length} events are waiting", cure)


def _examine_service(name: str, settings: Settings) -> Iterator[Finding]:
    with closing(_Patient(begin(name, settings))) as patient:
        try:
            yield from patient.findings()
        except sa.exc.DBAPIError as problem:
            cure = f"Is the server up, and TURNOUT_{name.upper()}_DATABASE_URL right?"
            reason = str(problem.orig).partition("\n")[0]
            yield Finding(f"{name} database", f"does not answer ({reason})", cure)


class _Patient:
    """One service under examination."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime, self._name = runtime, runtime.service.name

    def close(self) -> None:
        self._runtime.database.dispose()

    def findings(self) -> Iterator[Finding]:
        """The database, and what it says of the processes; a DBAPIError when it is away."""
        at, newest = revisions(self._runtime)
        if at != newest:
            told = f"is at {at or 'no'} revision, the newest is {newest}"
            yield Finding(f"{self._name} database", told, "Run `turnout migrate`.")
            return
        yield fine(f"{self._name} database", f"answers, at revision {at}")
        yield from self._progress()

    def _progress(self) -> Iterator[Finding]:
        health = read_health(self._runtime.database, datetime.now(UTC))
        for problem in health.problems:
            yield Finding(self._name, problem, _cure(problem).format(service=self._name))
        if health.ready:
            told = f"worker and clock get on, {health.outbox_waiting} events are on their way"
            yield fine(self._name, told)


def _cure(problem: str) -> str:
    return next(
        (cure for start, cure in _CURES.items() if problem.startswith(start)), _CURE_OF_CLOCK
    )
