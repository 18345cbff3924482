"""Reports of notify about mail, arriving as the worker would bring them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from services.chassis.ids import new_id
from services.chassis.service import Runtime
from services.contracts import Contract, Event, to_envelope
from services.contracts.messages import MESSAGE_BOUNCED, MESSAGE_DELIVERED, MESSAGE_UNSUBSCRIBED
from services.registration.answers import Answer
from services.registration.models import Person, StaffTask
from tests.registration.factories import NOW

WORDS = "550 5.1.1 No such user"
EARLIER, LATER = NOW + timedelta(minutes=1), NOW + timedelta(minutes=9)
AT = NOW + timedelta(minutes=5)

Report = tuple[Contract, dict[str, Any]]


def bounced(answer: Answer | None = None, /, **but: Any) -> Report:
    """A mail that came back, about a sign-up unless told otherwise."""
    return MESSAGE_BOUNCED, _outcome(answer, **({"reason": "hard_bounce", "words": WORDS} | but))


def delivered(answer: Answer | None = None, /, **but: Any) -> Report:
    return MESSAGE_DELIVERED, _outcome(answer, **({"words": "250 OK"} | but))


def unsubscribed(email: str, at: datetime) -> Report:
    return MESSAGE_UNSUBSCRIBED, {"email": email, "at": at}


def arrives(runtime: Runtime, *reports: Report) -> dict[str, Any]:
    """Let reports arrive; returns the last envelope, to let it arrive again."""
    for contract, data in reports:
        envelope = _envelope(contract, data)
        runtime.inbox.receive(envelope, data["at"])
    with runtime.database.reading() as db:
        failed = db.scalars(sa.text("SELECT error FROM inbox WHERE outcome <> 'applied'")).all()
    assert failed == []
    return envelope


def person_at(runtime: Runtime, email: str) -> Person | None:
    with runtime.database.reading() as db:
        return db.scalar(sa.select(Person).filter_by(email_key=email.casefold()))


def failure_of(runtime: Runtime, answer: Answer) -> str:
    with runtime.database.reading() as db:
        return db.get_one(Person, answer.registration.person_id).mail_failure


def tasks(runtime: Runtime) -> list[StaffTask]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.select(StaffTask).order_by(StaffTask.created_at, StaffTask.id)))


def waiting_tasks(runtime: Runtime) -> list[str]:
    return [each.words for each in tasks(runtime) if each.done_at is None]


def _outcome(answer: Answer | None, **but: Any) -> dict[str, Any]:
    known: dict[str, Any] = {"message_id": new_id(), "kind": "confirmed", "at": AT}
    if answer is not None:
        registration = answer.registration
        known |= {
            "registration_id": registration.id,
            "session_id": registration.session_id,
            "email": registration.person.email,
        }
    return known | but


def _envelope(contract: Contract, data: dict[str, Any]) -> dict[str, Any]:
    subject: UUID | str = data.get("message_id") or data["email"]
    return to_envelope(
        Event(
            id=new_id(),
            type=contract.type,
            source="notify",
            subject=str(subject),
            time=data["at"],
            sequence=1,
            correlationid="test",
            data=contract.dump(data),
        )
    )
