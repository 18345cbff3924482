"""How a mail comes to be wanted: one row for each event, however often the event arrives."""

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.chassis.erasing import was_erased
from services.chassis.ids import new_id
from services.contracts import CONTRACTS, Event
from services.notify.facts import needed_until, without_people
from services.notify.holding import why_hold
from services.notify.models import HELD, QUEUED, SUPERSEDED, TRANSACTIONAL, Delivery, SubjectState

GIVE_UP_AFTER = timedelta(hours=48)
PERSON_ERASED = "Not sent: its reader was erased, as was asked."


def want_mail(
    db: Session,
    event: Event,
    kind: str,
    *,
    key: str,
    subject_id: UUID,
    now: datetime,
    state: SubjectState | None = None,
) -> bool:
    """Queue the mail that an event calls for; `state` is what is known of its registration.

    False when it has been before, is held, or is kept as never sent, because its reader was
    erased after the event was written.
    """
    said = _said_by(_to_corrected_address(event, state))
    held = why_hold(db, event, kind, subject_id, now)
    made = {
        "id": new_id(),
        "dedupe_key": key,
        "kind": kind,
        "subject_id": subject_id,
        "state": HELD if held else QUEUED,
        "error": held,
        "created_at": now,
        "due_at": now,
        "give_up_at": now + GIVE_UP_AFTER,
        "needed_until": needed_until(kind, said["context"], now),
    }
    if _is_to_nobody(db, event, state):
        insert_new(db, Delivery, **made | said | _of_nobody(event, said["context"]))
        return False
    return insert_new(db, Delivery, **made, **said) and not held


def _of_nobody(event: Event, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "dedupe_key": f"erased:{event.id}",
        "state": SUPERSEDED,
        "error": PERSON_ERASED,
        "recipient_name": "",
        "recipient_email": "",
        "search_text": search_text("", "", context.get("session")),
        "context": without_people(context),
        "needed_until": None,
    }


def _is_to_nobody(db: Session, event: Event, state: SubjectState | None) -> bool:
    """Whether there is nobody to write to: an event can come late, or once more."""
    email = event.data["recipient"]["email"]
    is_erased = state is not None and state.erased
    return is_erased or not email or was_erased(db, email, since=event.time)


def supersede(delivery: Delivery, reason: str) -> None:
    """Let a mail stay where it is, for the record, with the reason why it was not sent."""
    delivery.state, delivery.error = SUPERSEDED, reason


def send_copy(db: Session, original: Delivery, *, email: str, now: datetime) -> Delivery:
    """Queue the same mail once more, to an address of its own; the original stays as it is."""
    copy = Delivery(
        **{name: getattr(original, name) for name in _COPIED},
        id=new_id(),
        dedupe_key=f"copy:{original.id}:{new_id()}",
        resend_of_id=original.id,
        recipient_email=email,
        search_text=search_text(original.recipient_name, email, original.context.get("session")),
        state=QUEUED,
        created_at=now,
        due_at=now,
        give_up_at=now + GIVE_UP_AFTER,
    )
    db.add(copy)
    return copy


def search_text(name: str, email: str, session: dict[str, Any] | None) -> str:
    """What the mail log finds a mail by: the person and the session's title in both languages."""
    titles = session["title"].values() if session else ()
    return search_key(" ".join([name, email, *titles]))


def search_key(text: str) -> str:
    """Text without case and accents, as the log's search compares it."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


_ALIKE = str.maketrans({"’": "'", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})
"""What people type for letters that do not come apart into a letter and an accent."""

_COPIED = (
    *("event_id", "event_type", "event_time", "correlation_id", "kind", "subject_id", "sequence"),
    *("session_id", "area", "batch_id", "stream", "recipient_name", "language", "context"),
    "needed_until",
)


def _to_corrected_address(event: Event, state: SubjectState | None) -> Event:
    """The event with the address that was corrected after it was written, if one was."""
    if state is None or not state.email or event.data.get("is_test"):
        return event
    if event.data["link_version"] >= state.link_version:
        return event
    recipient = event.data["recipient"] | {"email": state.email}
    return replace(event, data=event.data | {"recipient": recipient})


def _said_by(event: Event) -> dict[str, Any]:
    recipient, session = event.data["recipient"], event.data.get("session")
    return {
        "event_id": event.id,
        "event_type": event.type,
        "event_time": event.time,
        "correlation_id": event.correlationid,
        "sequence": event.sequence,
        "session_id": session["session_id"] if session else None,
        "area": session.get("area", "") if session else event.data.get("area"),
        "search_text": search_text(recipient["name"], recipient["email"], session),
        "stream": event.data.get("stream", TRANSACTIONAL),
        "batch_id": event.data.get("group_message_id"),
        "recipient_name": recipient["name"],
        "recipient_email": recipient["email"],
        "language": recipient["language"],
        "context": CONTRACTS[event.type].dump_loaded(event.data),
    }
