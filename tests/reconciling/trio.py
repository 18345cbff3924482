"""The three services in one process: events are carried by hand, mail goes into its folder."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from infra.reconciling import Answer, examine
from services.chassis.ids import new_id
from services.chassis.outbox import ConfirmationRow, OutboxRow, confirm, publish
from services.chassis.service import Runtime
from services.contracts import Contract
from services.contracts.sessions import SESSION_PUBLISHED
from services.notify.sending import send_due
from services.registration.answers import Answer as SignUpAnswer
from services.registration.places import give_up
from tests.registration.factories import an_entry, facts, sign_up

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
MUCH_LATER = NOW + timedelta(hours=1)


@dataclass
class Trio:
    """Catalog, registration and notify, and the moment that it is for them."""

    runtimes: dict[str, Runtime]
    now: datetime = NOW

    def publish(self, contract: Contract = SESSION_PUBLISHED, **but: Any) -> UUID:
        """The catalogue tells of a session; returns its id."""
        told = facts(**but)
        with self.writing("catalog") as db:
            publish(db, contract, subject=told["session_id"], data=told, now=self.now)
        self.settle()
        return UUID(str(told["session_id"]))

    def sign_up(self, session_id: UUID, name: str, **but: Any) -> SignUpAnswer:
        """Somebody signs up, with a key of their own."""
        with self.writing("registration") as db:
            key = f"key of {name}"
            return sign_up(db, session_id, an_entry(name, **but), key=key, now=self.now)

    def give_up(self, registration_id: UUID) -> None:
        """Somebody cancels."""
        with self.writing("registration") as db:
            give_up(db, registration_id, now=self.now)

    def settle(self) -> None:
        """Carry every event, send every mail, until nothing is left to do."""
        while sum(self._carry(name) for name in self.runtimes) or self._send():
            pass

    def examined(self, now: datetime = MUCH_LATER) -> dict[str, Answer]:
        """What every invariant says, by its name; of several services' the one that is broken."""
        answers = sorted(examine(self.runtimes, now), key=lambda each: len(each.broken_by))
        return {each.invariant.name: each for each in answers}

    def broken(self, now: datetime = MUCH_LATER) -> dict[str, list[str]]:
        """The names of the invariants that are broken, with the ids."""
        found = self.examined(now)
        return {name: list(each.broken_by) for name, each in found.items() if each.broken_by}

    def writing(self, name: str) -> Any:
        """A transaction in one of the databases."""
        return self.runtimes[name].database.writing()

    def _carry(self, producer: str) -> int:
        """Let the subscribers of one service handle what it has to say; returns how much it was."""
        with self.runtimes[producer].database.reading() as db:
            query = sa.select(OutboxRow).where(OutboxRow.confirmed_at.is_(None))
            rows = db.scalars(query.order_by(OutboxRow.event_id)).all()
        for row in rows:
            self.runtimes[row.subscriber].inbox.receive(row.envelope, self.now)
            with self.writing(row.subscriber) as db:
                db.execute(sa.delete(ConfirmationRow))
            with self.writing(producer) as db:
                db.execute(sa.update(OutboxRow).values(attempts=1, last_sent_at=self.now))
                confirm(db, row.subscriber, [row.event_id], self.now)
        return len(rows)

    def _send(self) -> int:
        return send_due(self.runtimes["notify"], self.now)


def a_day(month: int, day: int) -> dict[str, Any]:
    """A day of a session."""
    return {"date": date(2026, month, day), "starts": time(9), "ends": time(16)}


def another_id() -> UUID:
    """An id of nothing."""
    return new_id()
