"""The three services in one process: what they tell each other is carried by hand."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pypdf import PdfReader

from services.chassis.db import ChassisBase
from services.chassis.erasing import erase_the_asked
from services.chassis.outbox import ConfirmationRow, OutboxRow, confirm
from services.chassis.service import Runtime
from services.notify.sending import send_due
from services.registration.models import Registration
from services.registration.people import who_is
from services.registration.person_models import PersonRequest
from tests.registration.factories import NOW


@dataclass(frozen=True)
class Site:
    """Registration, notify and catalog over databases of their own."""

    registration: Runtime
    notify: Runtime
    catalog: Runtime

    def runtimes(self) -> dict[str, Runtime]:
        return {name: getattr(self, name) for name in ("registration", "notify", "catalog")}

    def carry(self, now: datetime, *, without: str = "") -> int:
        """Carry what is unconfirmed to its subscribers, but to one that is away."""
        carried = 0
        for name, runtime in self.runtimes().items():
            with runtime.database.reading() as db:
                query = sa.select(OutboxRow).where(OutboxRow.confirmed_at.is_(None))
                rows = db.scalars(query.order_by(OutboxRow.event_id)).all()
            for row in rows:
                if without not in (name, row.subscriber):
                    self.runtimes()[row.subscriber].inbox.receive(row.envelope, now)
                    carried += 1
        self._confirm(now)
        return carried

    def _confirm(self, now: datetime) -> None:
        for name, runtime in self.runtimes().items():
            with runtime.database.writing() as db:
                owed = list(db.scalars(sa.select(ConfirmationRow)))
                for row in owed:
                    db.delete(row)
            for row in owed:
                with self.runtimes()[row.producer].database.writing() as db:
                    confirm(db, name, [row.event_id], now)

    def send_mail(self, now: datetime) -> None:
        while send_due(self.notify, now):
            pass

    def settle(self, now: datetime, *, without: str = "") -> None:
        """Let events, mail and erasures go on until nothing moves any more."""
        for _turn in range(8):
            moved = self.carry(now, without=without)
            for name, runtime in self.runtimes().items():
                if name != without:
                    moved += erase_the_asked(runtime, now)
            if without != "notify":
                self.send_mail(now)
            if not moved:
                break

    def who(self, email: str, **how: Any) -> dict[str, Any]:
        with self.registration.database.reading() as db:
            return who_is(db, email, **how)

    def request(self, request_id: UUID) -> PersonRequest:
        with self.registration.database.reading() as db:
            return db.get_one(PersonRequest, request_id)

    def places(self) -> list[Registration]:
        with self.registration.database.reading() as db:
            return list(db.scalars(sa.select(Registration).order_by(Registration.arrival)))

    @property
    def mail_folder(self) -> Path:
        return self.notify.settings.data / "mail"


def everything_kept(site: Site) -> Iterator[tuple[str, str]]:
    """Every value of words or JSON of every table of the three, and every file of mail."""
    for name, runtime in site.runtimes().items():
        for metadata in (runtime.service.metadata, ChassisBase.metadata):
            for table in metadata.sorted_tables:
                with runtime.database.reading() as db:
                    for row in db.execute(sa.select(table)):
                        for column, value in row._mapping.items():
                            yield f"{name}.{table.name}.{column}", _as_text(value)
    for path in site.mail_folder.glob("*"):
        yield f"mail/{path.name}", as_read(path.read_bytes())


def as_read(message: bytes) -> str:
    """A mail as its reader sees it: headers, words, and the words of the files with it."""
    parsed = message_from_bytes(message, policy=policy.default)
    parts = [str(value) for value in parsed.values()]
    for part in parsed.walk():
        if part.get_content_type() == "application/pdf":
            parts += [each.extract_text() for each in PdfReader(BytesIO(_content(part))).pages]
        elif not part.is_multipart():
            parts.append(_content(part).decode("utf-8", "replace"))
    return "\n".join(parts)


def _content(part: Any) -> bytes:
    return bytes(part.get_payload(decode=True))


def _as_text(value: Any) -> str:
    return as_read(zlib.decompress(value)) if isinstance(value, bytes) else str(value)


def where_is(site: Site, *marks: str) -> dict[str, set[str]]:
    """In which columns and files each mark still stands, in any case."""
    found: dict[str, set[str]] = {mark: set() for mark in marks}
    for place, text in everything_kept(site):
        for mark in marks:
            if mark.casefold() in text.casefold():
                found[mark].add(place)
    return found


LATER = NOW + timedelta(hours=3)
