"""The nightly check: once a day the clock asks every invariant, and tells staff what it finds."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from infra.progress import RECONCILE
from infra.reconciling import examine
from services.chassis.log import logger
from services.chassis.service import Loop, Runtime
from services.registration.discrepancies import note_check, was_checked
from services.registration.fees import today

AFTER_MIDNIGHT = timedelta(hours=3, minutes=30)

log = logger(__name__)


def nightly_check(runtimes: Mapping[str, Runtime]) -> Loop:
    """A loop for the clock; its lease and its heartbeat are in registration's database."""
    return Loop(RECONCILE, 30.0, lambda _registration, now: check_when_due(runtimes, now))


def check_when_due(runtimes: Mapping[str, Runtime], now: datetime) -> int:
    """Check the site unless that has been done for this day; a night that was missed is made up."""
    day = today(now - AFTER_MIDNIGHT)
    database = runtimes["registration"].database
    with database.reading() as db:
        if was_checked(db, day):
            return 0
    offences = [each for answer in examine(runtimes, now) for each in answer.offences()]
    with database.writing() as db:
        note_check(db, day, offences, now)
    log.info("site checked", found=len(offences))
    return 0
