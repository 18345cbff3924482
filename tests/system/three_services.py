"""All three services in one process, over SQLite, their events handed on by hand: no broker."""

import email
import email.policy
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from infra.composition import begin
from infra.reconciling import examine
from services.catalog import commands
from services.catalog.models import SeatCount
from services.catalog.models import WorkshopSession as CatalogSession
from services.chassis.outbox import ConfirmationRow, OutboxRow, confirm
from services.chassis.service import Runtime
from services.contracts import SERVICES
from services.notify.models import SubjectState
from services.notify.sending import send_due
from services.registration.answers import SignUp
from services.registration.models import Registration
from services.registration.models import WorkshopSession as RegistrationSession
from tests.databases import settings_for
from tests.registration.factories import sign_up

ACTOR = "Sam Rivera"
MOST_ROUNDS = 50
ROBIN = {"name": "Robin Lake", "email": "robin@example.org", "language": "en"}


@dataclass
class Services:
    """The services over the databases of one data folder; close them before a restore."""

    data: Path
    runtimes: dict[str, Runtime] = field(default_factory=dict)

    def open(self) -> None:
        settings = settings_for(self.data)
        self.runtimes = {name: begin(name, settings) for name in SERVICES}

    def close(self) -> None:
        for each in self.runtimes.values():
            each.database.dispose()

    def publish_session(self, **but: Any) -> UUID:
        first = date.today() + timedelta(days=40)  # noqa: DTZ011 - any day ahead
        values = {
            "days": [{"date": first, "starts": time(9), "ends": time(16)}],
            "online": False,
            "venue": "Union Hall",
            "city": "Sudbury",
            "province": "ON",
            "language": "en",
            "capacity": 2,
            "fee_affiliate_cents": 2500,
            "fee_other_cents": 3000,
            "facilitators": [ROBIN],
        }
        with self.runtimes["catalog"].database.writing() as db:
            words = {"title_en": "Grievance Handling", "title_fr": "Traitement des griefs"}
            workshop = commands.create_workshop(db, words, actor=ACTOR, now=now())
            draft = commands.create_session(db, workshop.id, values | but, actor=ACTOR, now=now())
            commands.publish_session(db, draft.id, actor=ACTOR, now=now())
        self.settle()
        return draft.id

    def edit_session(self, session_id: UUID, **changes: Any) -> None:
        with self.runtimes["catalog"].database.writing() as db:
            edited = {"actor": ACTOR, "now": now(), "reason": "A test of backups"}
            commands.edit_session(db, session_id, changes, **edited)
        self.settle()

    def sign_up(self, session_id: UUID, name: str) -> UUID:
        entry = SignUp(name, f"{name.lower()}@example.org", "en", "Local 1")
        with self.runtimes["registration"].database.writing() as db:
            answer = sign_up(db, session_id, entry, now=now())
        self.settle()
        return answer.registration.id

    def settle(self) -> None:
        """Hand events on, confirm them and send mail until nothing is left to do."""
        for _ in range(MOST_ROUNDS):
            if not sum(self._hand_on(name) for name in SERVICES):
                break
        else:
            raise AssertionError("events go round and round")
        while send_due(self.runtimes["notify"], now()):
            pass

    def mail(self) -> list[EmailMessage]:
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in (self.data / "mail").glob("*.eml")
        ]

    def mail_to(self) -> Counter[tuple[str, str]]:
        """How many messages went out, by reader and subject."""
        return Counter((str(each["To"]), str(each["Subject"])) for each in self.mail())

    def offences(self) -> set[tuple[str, str]]:
        """What is wrong, by the product's own list of what must always be true."""
        answers = examine(self.runtimes, now() + timedelta(minutes=6))
        return {(each.service, each.invariant.name) for each in answers if each.broken_by}

    def _hand_on(self, producer: str) -> int:
        """Everything that one service has to tell, and the confirmations that come back."""
        database = self.runtimes[producer].database
        waiting = OutboxRow.confirmed_at.is_(None)
        with database.writing() as db:
            rows = db.scalars(sa.select(OutboxRow).where(waiting)).all()
            db.execute(sa.update(OutboxRow).where(waiting).values(last_sent_at=now()))
        for row in rows:
            assert row.envelope is not None
            self.runtimes[row.subscriber].inbox.receive(row.envelope, now())
        for subscriber in SERVICES:
            self._confirm(subscriber, producer)
        return len(rows)

    def _confirm(self, subscriber: str, producer: str) -> None:
        with self.runtimes[subscriber].database.writing() as db:
            mine = ConfirmationRow.producer == producer
            ids = db.scalars(sa.select(ConfirmationRow.event_id).where(mine)).all()
            db.execute(sa.delete(ConfirmationRow).where(mine))
        with self.runtimes[producer].database.writing() as db:
            confirm(db, subscriber, ids, now())

    def states(self) -> dict[str, Any]:
        """What each service says of sessions, seats and places."""
        with (
            self.runtimes["catalog"].database.reading() as catalog,
            self.runtimes["registration"].database.reading() as registration,
            self.runtimes["notify"].database.reading() as notify,
        ):
            return {
                "sessions": _sessions(catalog, registration),
                "seats": {
                    row.session_id: (row.held, row.waiting) for row in _all(catalog, SeatCount)
                },
                "places": {row.id: row.state for row in _all(registration, Registration)},
                "told": {
                    row.registration_id: row.heard_status for row in _all(notify, SubjectState)
                },
            }


def _sessions(catalog: Session, registration: Session) -> dict[UUID, Any]:
    """How each session stands, which both must say in the same words."""
    ours = {
        row.id: (row.status, row.capacity, row.last_day) for row in _all(catalog, CatalogSession)
    }
    theirs = {
        row.id: (row.status, row.capacity, row.ends_on)
        for row in _all(registration, RegistrationSession)
    }
    assert ours == theirs
    return ours


def _all(db: Session, model: Any) -> list[Any]:
    return list(db.scalars(sa.select(model)))


def now() -> datetime:
    return datetime.now(UTC)
