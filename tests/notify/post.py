"""Events handed to notify, its mails sent, and the mail folder read as a person would."""

from collections.abc import Sequence
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import sqlalchemy as sa

from services.chassis.service import Runtime
from services.contracts import Contract
from services.notify.models import Delivery
from services.notify.sending import send_due
from services.notify.transports import folder_of
from tests.notify.factories import NOW, Data, an_envelope


def receive(
    runtime: Runtime, sample: tuple[Contract, Data], *, sequence: int = 1, at: datetime = NOW
) -> Data:
    """Let one event arrive; returns its envelope, to let it arrive again."""
    envelope = an_envelope(*sample, sequence=sequence, at=at)
    runtime.inbox.receive(envelope, at)
    return envelope


def send_all(runtime: Runtime, now: datetime = NOW) -> None:
    while send_due(runtime, now):
        pass


def mailed(runtime: Runtime, now: datetime = NOW) -> list[EmailMessage]:
    """Send what is due, then open the folder, the oldest first."""
    send_all(runtime, now)
    return letters(runtime)


def letters(runtime: Runtime) -> list[EmailMessage]:
    folder = folder_of(runtime.settings)
    assert folder is not None
    return [read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def text_of(message: EmailMessage) -> str:
    return _part(message, "plain")


def html_of(message: EmailMessage) -> str:
    return _part(message, "html")


def files_of(message: EmailMessage) -> dict[str, bytes]:
    parts = message.iter_attachments()
    return {part.get_filename() or "": part.get_payload(decode=True) for part in parts}  # type: ignore[misc]


def deliveries(runtime: Runtime) -> Sequence[Delivery]:
    with runtime.database.reading() as db:
        return db.scalars(sa.select(Delivery).order_by(Delivery.id)).all()


def states(runtime: Runtime) -> list[tuple[str, str]]:
    return [(each.kind, each.state) for each in deliveries(runtime)]


def parked(runtime: Runtime) -> list[str]:
    with runtime.database.reading() as db:
        return list(db.scalars(sa.text("SELECT error FROM inbox WHERE outcome <> 'applied'")))


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())
