"""What the nightly check found: noted once, marked when it is gone, with one task for it all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.invariants import Offence
from services.registration.checking_models import Discrepancy, NightlyCheck
from services.registration.history import TURNOUT
from services.registration.tasks import DISCREPANCIES, open_task, settle_kind

MOST_KEPT = 200
"""Of each invariant: one fault can break a whole table, and the first rows tell as much."""

SHOWN_AFTER_END = timedelta(days=30)


def was_checked(db: Session, day: date) -> bool:
    """Whether the site has been checked for this day."""
    return db.get(NightlyCheck, day) is not None


def note_check(db: Session, day: date, offences: Sequence[Offence], now: datetime) -> None:
    """Note that the site was checked for a day, and what was found."""
    db.add(NightlyCheck(day=day, checked_at=now, found=len(offences)))
    note_offences(db, offences, now)


def note_offences(db: Session, offences: Iterable[Offence], now: datetime) -> None:
    """Keep what is found for the first time, and mark what is found no more."""
    found = {_key(each): each for each in _first_of_each(offences)}
    known = {_key(each): each for each in open_discrepancies(db)}
    new = [found[key] for key in found.keys() - known.keys()]
    db.add_all(Discrepancy(**vars(each), found_at=now) for each in new)
    for key in known.keys() - found.keys():
        known[key].gone_at = now
    if new:
        open_task(db, DISCREPANCIES, session_id=None, words="", since=now)
    elif not found:
        settle_kind(db, DISCREPANCIES, actor=TURNOUT, now=now)


def open_discrepancies(db: Session) -> Sequence[Discrepancy]:
    """What does not add up, in the order of the invariants, the oldest first."""
    query = sa.select(Discrepancy).where(Discrepancy.gone_at.is_(None))
    order = (Discrepancy.name, Discrepancy.service, Discrepancy.found_at, Discrepancy.key)
    return db.scalars(query.order_by(*order)).all()


def gone_lately(db: Session, now: datetime) -> Sequence[Discrepancy]:
    """What was found and is gone, the newest first."""
    query = sa.select(Discrepancy).where(Discrepancy.gone_at > now - SHOWN_AFTER_END)
    return db.scalars(query.order_by(Discrepancy.gone_at.desc(), Discrepancy.key).limit(50)).all()


def last_check(db: Session) -> NightlyCheck | None:
    """The newest check; None before the first."""
    return db.scalar(sa.select(NightlyCheck).order_by(NightlyCheck.day.desc()).limit(1))


def _key(row: Offence | Discrepancy) -> tuple[str, str, str]:
    return row.service, row.name, row.key


def _first_of_each(offences: Iterable[Offence]) -> Iterable[Offence]:
    seen: Counter[tuple[str, str]] = Counter()
    for each in offences:
        seen[each.service, each.name] += 1
        if seen[each.service, each.name] <= MOST_KEPT:
            yield each
