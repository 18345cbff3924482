"""Examines a site from settings to mail, and says of each problem what to do about it.

Of what follows from another problem it says nothing: without a broker no worker shows that it
lives, and without any clock nobody would hear of it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from infra.broker_check import examine_broker
from infra.composition import begin
from infra.disk_check import examine_disk
from infra.findings import Finding, fine, writable
from infra.mail_check import examine_mail, examine_sent
from services.chassis.config import Settings
from services.chassis.database_facts import SECRET_KEY, DatabaseFact
from services.chassis.health import (
    CLOCK,
    DATABASE,
    LOOP,
    MIGRATIONS,
    PARKED_EVENTS,
    REFUSED,
    WAITING,
    WORKER,
    Health,
    Problem,
    read_health,
)
from services.chassis.keys import LINKS, keys_for
from services.chassis.pausing import is_paused
from services.chassis.revisions import newest_revision
from services.chassis.service import Runtime
from services.contracts import SERVICES

_CURES = {
    DATABASE: "Is the server up, and TURNOUT_{NAME}_DATABASE_URL right?",
    MIGRATIONS: "Run `turnout migrate`.",
    WORKER: "Look at its log, or start `turnout worker {name}`; it shows itself within 15 seconds. "
    "On one machine it is one for all services, and its log is `worker.log`.",
    CLOCK: "Start `turnout clock {name}`, or look at its log; until then nothing leaves {name}.",
    LOOP: "The log of the clock says more.",
    WAITING: "Is the other service's worker running? It then clears up by itself.",
    PARKED_EVENTS: "Read them at /staff/events/{name}/, and replay them there.",
    REFUSED: "Read why at /staff/events/{name}/. Do all processes have the same version and "
    "secret key? Otherwise somebody else writes to the broker.",
}


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at everything, the foundations first; the settings themselves have been read."""
    yield fine("settings", "can be read")
    yield writable("data folder", settings.data, setting="TURNOUT_DATA")
    yield examine_disk(settings.data)
    broker = list(examine_broker(settings))
    yield from broker
    yield from _examine_services(settings, has_broker=broker[0].well)
    yield from examine_mail(settings)


def _examine_services(settings: Settings, *, has_broker: bool) -> Iterator[Finding]:
    runtimes = {name: begin(name, settings) for name in SERVICES}
    healths = {name: _health(each) for name, each in runtimes.items()}
    follows = _consequences(healths, has_broker=has_broker)
    for name, runtime in runtimes.items():
        yield from _examine_service(runtime, healths[name], follows)
        runtime.database.dispose()


def _health(runtime: Runtime) -> Health:
    name = runtime.service.name
    return read_health(runtime.database, datetime.now(UTC), newest_revision(name))


def _consequences(healths: Mapping[str, Health], *, has_broker: bool) -> frozenset[str]:
    """The causes that need not be told, as something else that is told explains them."""
    if not has_broker:
        return frozenset({WORKER, LOOP, WAITING})
    clocks_away = [any(each.cause == CLOCK for each in health.found) for health in healths.values()]
    return frozenset({WORKER, WAITING}) if all(clocks_away) else frozenset()


def _examine_service(
    runtime: Runtime, health: Health, follows: frozenset[str]
) -> Iterator[Finding]:
    name = runtime.service.name
    if is_paused(runtime.settings, name):
        yield Finding(name, "is paused", f"Run `turnout resume {name}` when you are done.")
        return
    told = [_finding(name, each) for each in health.found if each.cause not in follows]
    yield from told
    if any(each.cause in (DATABASE, MIGRATIONS) for each in health.found):
        return
    if not told:
        waiting = f"{health.outbox_waiting} events are on their way"
        yield fine(name, f"database, worker and clock get on, {waiting}")
    with runtime.database.reading() as db:
        yield from _examine_key(db, runtime)
        if name == "notify":
            yield from examine_sent(db, datetime.now(UTC))


def _finding(name: str, problem: Problem) -> Finding:
    cure = _CURES[problem.cause].format(name=name, NAME=name.upper())
    return Finding(name, problem.told, cure)


def _examine_key(db: Session, runtime: Runtime) -> Iterator[Finding]:
    """Whether the links that this database has told of were signed with the present key."""
    name, fact = runtime.service.name, db.get(DatabaseFact, SECRET_KEY)
    if fact is None or fact.told in {each.id for each in keys_for(runtime.settings, LINKS)}:
        return
    cure = (
        "Set TURNOUT_SECRET_KEY back to the old one, or, to change it, "
        "TURNOUT_SECRET_KEY_PREVIOUS to the old one. If that is lost, `turnout migrate "
        "--accept-key`: links in mail that was sent then open nothing."
    )
    yield Finding(name, "the secret key is not the one that its links were signed with", cure)
