"""Whether a mail that waits to be sent is still true, and the facts as they are by now."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.contracts import CONTRACTS
from services.notify.kinds import (
    LIVE_STATUSES,
    NOTICE_CANCELLED,
    NOTICE_CHANGED,
    OFFER_ENDING,
    OFFERED,
    REMINDER,
    REPEATED,
    STATUS_KINDS,
)
from services.notify.models import Delivery, SubjectState

CONFIRMED = "confirmed"
NEWER_STATUS = "Not sent: something newer has become of this registration."
NEWER_NOTICE = "Not sent: a newer notice of the same session took its place."
NEWER_ROSTER = "Not sent: a newer roster of the same session took its place."
NOTHING_CHANGED = "Not sent: the change was undone before anybody was told of it."
REGISTRATION_ENDED = "Not sent: the person was moved, or the session cancelled."
TOO_LATE = "Not sent: the time that it speaks of has passed."


def why_untrue(delivery: Delivery, state: SubjectState | None, now: datetime) -> str:
    """Why this mail must not go out any more; empty when it is true."""
    if state is not None and (reason := _overtaken(delivery, state)):
        return reason
    return TOO_LATE if _is_too_late(delivery, now) else ""


def facts_now(delivery: Delivery, state: SubjectState | None) -> dict[str, Any]:
    """The event's data in Python values, with what has been learned since."""
    data = dict(delivery.context)
    if state is not None:
        data["link_version"] = max(data["link_version"], state.link_version)
        data["status"] = _status_now(delivery, state)
        if state.calendar_sequence > data["session"]["calendar_sequence"]:
            data["session"] = data["session"] | state.when_and_where
    return CONTRACTS[delivery.event_type].load(data)


def _overtaken(delivery: Delivery, state: SubjectState) -> str:
    if delivery.kind == NOTICE_CANCELLED:
        return ""
    if state.ended:
        return REGISTRATION_ENDED
    if delivery.kind == NOTICE_CHANGED and delivery.sequence < state.notice_sequence:
        return NEWER_NOTICE
    if delivery.sequence >= state.sequence or _STILL_HOLDS[delivery.kind](state.status):
        return ""
    return NEWER_STATUS


_Holds = Callable[[str], bool]
_STILL_HOLDS: dict[str, _Holds] = {
    **dict.fromkeys([*STATUS_KINDS, OFFER_ENDING, REPEATED], lambda _newer: False),
    REMINDER: lambda newer: newer == CONFIRMED,
    NOTICE_CHANGED: lambda newer: newer in LIVE_STATUSES,
}
"""Whether a kind of mail is true beside a newer status."""


def _status_now(delivery: Delivery, state: SubjectState) -> str:
    newer = state.status and state.sequence > delivery.sequence
    return state.status if newer else str(delivery.context["status"])


def _is_too_late(delivery: Delivery, now: datetime) -> bool:
    """An offer after its deadline, and a reminder after the day, would send people on errands."""
    if delivery.kind in (OFFERED, OFFER_ENDING):
        return datetime.fromisoformat(str(delivery.context["until"])) <= now
    if delivery.kind == REMINDER:
        session = delivery.context["session"]
        last = max(str(day["date"]) for day in session["days"])
        return now.astimezone(ZoneInfo(session["zone"])).date().isoformat() > last
    return False
