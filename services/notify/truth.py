"""Whether a mail that waits to be sent is still true, and the facts as they are by now."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.contracts import CONTRACTS
from services.notify.kinds import (
    FOR_ITS_READER_ALONE,
    GROUP_MESSAGE,
    LIVE_STATUSES,
    NOTICE_CANCELLED,
    NOTICE_CHANGED,
    OFFER_ENDING,
    OFFERED,
    REMINDER,
)
from services.notify.models import Delivery, SubjectState

CONFIRMED = "confirmed"
PRESENT_FOR = timedelta(minutes=10)
NEWER_STATUS = "Not sent: something newer has become of this registration."
NEWER_NOTICE = "Not sent: a newer notice of the same session took its place."
NEWER_ROSTER = "Not sent: a newer roster of the same session took its place."
NEWER_DIGEST = "Not sent: the next digest, which tells this as well, took its place."
NOTHING_CHANGED = "Not sent: the change was undone before anybody was told of it."
REGISTRATION_ENDED = "Not sent: the person was moved, or the session cancelled."
TOO_LATE = "Not sent: the time that it speaks of has passed."
FACTS_FORGOTTEN = "Not sent again: what it was written from is kept no longer."
READER_ALONE = "Not sent again: its link is for its reader alone, who can ask for another."
PLACE_ENDED = "Not sent: the place that it was about had ended by then."


def why_untrue(delivery: Delivery, state: SubjectState | None, now: datetime) -> str:
    """Why this mail must not go out any more; empty when it is true."""
    if state is not None and (reason := _overtaken(delivery, state)):
        return reason
    return TOO_LATE if _is_too_late(delivery, now) else ""


def facts_now(delivery: Delivery, state: SubjectState | None, now: datetime) -> dict[str, Any]:
    """The event's data in Python values, with what has been learned since.

    `as_of` is the event's time where it is too long ago to speak of it as the present, else None.
    """
    data = dict(delivery.context)
    if state is not None:
        data["link_version"] = max(data["link_version"], state.link_version)
        data["status"] = _status_now(delivery, state)
        if state.calendar_sequence > data["session"]["calendar_sequence"]:
            data["session"] = data["session"] | state.when_and_where
    is_old = now - delivery.event_time > PRESENT_FOR
    facts = CONTRACTS[delivery.event_type].load(data)
    return facts | {"as_of": delivery.event_time if is_old else None}


def _overtaken(delivery: Delivery, state: SubjectState) -> str:
    if delivery.kind == NOTICE_CANCELLED:
        return ""
    if delivery.kind == GROUP_MESSAGE:
        return _ended_since(delivery, state)
    if state.ended:
        return REGISTRATION_ENDED
    if delivery.kind == NOTICE_CHANGED and delivery.sequence < state.notice_sequence:
        return NEWER_NOTICE
    is_newest = delivery.sequence >= state.heard_sequence
    return "" if is_newest or _still_holds(delivery, state) else NEWER_STATUS


def _ended_since(delivery: Delivery, state: SubjectState) -> str:
    """A message to a group stands as it was written unless the reader's place has ended since."""
    if delivery.context["status"] not in LIVE_STATUSES:
        return ""
    if state.ended:
        return REGISTRATION_ENDED
    return "" if _status_now(delivery, state) in LIVE_STATUSES else PLACE_ENDED


def _still_holds(delivery: Delivery, state: SubjectState) -> bool:
    """Whether a mail is true beside what newer events have said of the status."""
    if delivery.kind == REMINDER:
        return state.heard_status == CONFIRMED
    if delivery.kind == NOTICE_CHANGED:
        return state.heard_status in LIVE_STATUSES
    is_same = state.heard_status == delivery.context["status"]
    return is_same and delivery.sequence >= state.sequence


def _status_now(delivery: Delivery, state: SubjectState) -> str:
    is_newer = state.heard_sequence > delivery.sequence
    return state.heard_status if is_newer else str(delivery.context["status"])


def _is_too_late(delivery: Delivery, now: datetime) -> bool:
    """Offers and links after their end, reminders after the day, would send people on errands."""
    if delivery.kind in (OFFERED, OFFER_ENDING):
        return datetime.fromisoformat(str(delivery.context["until"])) <= now
    if delivery.kind in FOR_ITS_READER_ALONE:
        return datetime.fromisoformat(str(delivery.context["expires_at"])) <= now
    if delivery.kind == REMINDER:
        session = delivery.context["session"]
        last = max(str(day["date"]) for day in session["days"])
        return now.astimezone(ZoneInfo(session["zone"])).date().isoformat() > last
    return False
