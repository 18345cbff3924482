"""What the clock does in registration: what is due of offers, of planned mail and of digests."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.links import Links
from services.chassis.log import logger
from services.chassis.service import Loop, Runtime
from services.registration.digest import staff_to_tell, tell_digest
from services.registration.offers import (
    close_line,
    closed_with_line,
    expired_offers,
    half_gone_offers,
    lapse_offer,
    remind_of_offer,
)
from services.registration.planned_sending import (
    make_plan,
    send_reminders,
    send_rosters,
    sessions_to_list,
    sessions_to_remind,
    sessions_without_plan,
)

log = logger(__name__)


def run_offers(runtime: Runtime, now: datetime) -> int:
    """Lapse, remind and close what is due; returns how many there were."""
    with runtime.database.reading() as db:
        matters = [
            *_each(lapse_offer, expired_offers(db, now)),
            *_each(remind_of_offer, half_gone_offers(db, now)),
            *_each(close_line, closed_with_line(db, now)),
        ]
    return _do(runtime, matters, now)


def run_planned_mail(runtime: Runtime, now: datetime) -> int:
    """Send the reminders and rosters that are due; returns how many."""
    rosters = partial(send_rosters, links=Links(runtime.settings))
    with runtime.database.reading() as db:
        matters = [
            *_each(make_plan, sessions_without_plan(db, now)),
            *_each(send_reminders, sessions_to_remind(db, now)),
            *_each(rosters, sessions_to_list(db, now)),
        ]
    return _do(runtime, matters, now)


def run_digests(runtime: Runtime, now: datetime) -> int:
    """Tell the staff what happened since their last digest; returns how many were told."""
    with runtime.database.reading() as db:
        matters = _each(tell_digest, staff_to_tell(db, now))
    return _do(runtime, matters, now)


LOOPS = (
    Loop("offers", 1.0, run_offers),
    Loop("planned mail", 20.0, run_planned_mail),
    Loop("digests", 30.0, run_digests),
)


Step = Callable[[Session, UUID, datetime], int]


def _do(runtime: Runtime, matters: list[tuple[Step, UUID]], now: datetime) -> int:
    """Each thing in a transaction of its own: one that fails holds up no other.

    Raises the first failure when all have had their turn, for the clock to write it down.
    """
    done, failures = 0, []
    for step, key in matters:
        try:
            with runtime.database.writing() as db:
                done += step(db, key, now)
        except sa.exc.OperationalError:
            raise  # The database is away or busy, for the others as well.
        except Exception as problem:
            log.exception("due step failed", key=str(key))
            failures.append(problem)
    if failures:
        raise failures[0]
    return done


def _each(step: Step, keys: Iterable[UUID]) -> list[tuple[Step, UUID]]:
    return [(step, key) for key in keys]
