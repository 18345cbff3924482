"""What a session needs before the public may see it, and how others learn of its changes."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.catalog.facts import WHEN_AND_WHERE, session_facts
from services.catalog.models import PUBLISHED, SessionDay, WorkshopSession
from services.catalog.refusals import NotPublishable, ReasonMissing
from services.catalog.schedule import is_past, next_calendar_sequence
from services.chassis.outbox import publish
from services.contracts.sessions import SESSION_CHANGED

FEWEST_SEATS, MOST_SEATS = 1, 10_000
LONGEST_TITLE = 200


def missing_for_publication(session: WorkshopSession) -> tuple[str, ...]:
    """What is missing or contradictory, as codes; times may be announced later."""
    return tuple(code for code, is_wrong in _WRONG.items() if is_wrong(session))


def reasons_against(session: WorkshopSession, now: datetime) -> tuple[str, ...]:
    """Every reason why a draft may not be published yet, as codes."""
    flags = ("open_flags",) if session.flags else ()
    past = ("past",) if is_past(session, now) else ()
    return (*flags, *missing_for_publication(session), *past)


@contextmanager
def announcing(
    db: Session, sessions: Iterable[WorkshopSession], *, actor: str, reason: str, now: datetime
) -> Iterator[None]:
    """Tell the other services what the block changes in published sessions.

    Raises NotPublishable where it leaves one that could not have been published, and
    ReasonMissing where time, place or number of seats changes and nobody said why.
    """
    before = {each: session_facts(each) for each in sessions if each.status == PUBLISHED}
    yield
    for session, facts in before.items():
        if session_facts(session) != facts:
            _check(session, facts, reason, now)
            _announce(db, session, actor=actor, reason=reason, now=now)


def _check(session: WorkshopSession, before: Mapping[str, Any], reason: str, now: datetime) -> None:
    moved = _moved(before, session_facts(session))
    past = ("past",) if "days" in moved and is_past(session, now) else ()
    if wrong := (*missing_for_publication(session), *past):
        raise NotPublishable(wrong)
    if (moved or session.capacity != before["capacity"]) and not reason:
        raise ReasonMissing
    if moved:
        session.calendar_sequence = next_calendar_sequence(session, now)


def _moved(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    return {name for name in WHEN_AND_WHERE if before[name] != after[name]}


def seats_are_possible(capacity: int | None) -> bool:
    """Whether a number of seats is within bounds; one that is not settled yet is no mistake."""
    return capacity is None or FEWEST_SEATS <= capacity <= MOST_SEATS


def _announce(
    db: Session, session: WorkshopSession, *, actor: str, reason: str, now: datetime
) -> None:
    data = session_facts(session, actor=actor, reason=reason)
    publish(db, SESSION_CHANGED, subject=session.id, data=data, now=now)


def _has_no_title(session: WorkshopSession) -> bool:
    return not any(session.workshop.words("title").values())


def _has_long_title(session: WorkshopSession) -> bool:
    return any(len(title) > LONGEST_TITLE for title in session.workshop.words("title").values())


def _has_no_place(session: WorkshopSession) -> bool:
    return not session.online and (session.online is None or not session.place)


def _ends_too_early(session: WorkshopSession) -> bool:
    return any(_is_backwards(day) for day in session.days)


def _is_backwards(day: SessionDay) -> bool:
    return day.starts is not None and day.ends is not None and day.ends <= day.starts


def _is_without_fee(session: WorkshopSession) -> bool:
    return session.fee_affiliate_cents is None or session.fee_other_cents is None


_WRONG: Mapping[str, Callable[[WorkshopSession], bool]] = {
    "no_title": _has_no_title,
    "long_title": _has_long_title,
    "no_days": lambda session: not session.days,
    "end_before_start": _ends_too_early,
    "no_place": _has_no_place,
    "no_language": lambda session: not session.language,
    "no_capacity": lambda session: session.capacity is None,
    "capacity_out_of_range": lambda session: not seats_are_possible(session.capacity),
    "no_fee": _is_without_fee,
}
