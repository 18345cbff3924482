"""Examines the broker: whether it answers, keeps what it is given, and who waits in its queues."""

from collections.abc import Iterator
from contextlib import closing

from redis import Redis
from redis.exceptions import RedisError

from infra.findings import Finding, fine
from services.chassis.config import Settings
from services.contracts import SERVICES

LONG_QUEUE = 1_000
_PATIENCE_SECONDS = 5


def examine_broker(settings: Settings) -> Iterator[Finding]:
    """An answer first, if there is one."""
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
