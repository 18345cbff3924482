"""The mail folder, read as its reader would: the newest first."""

from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from uuid import UUID

from services.notify.opened_mail import Envelope, OpenMail, envelope_of, opened

PAGE = 25


def newest_mail(folder: Path, page: int) -> tuple[list[Envelope], bool]:
    """One page of the folder, counted from 1, and whether there are older ones behind it."""
    names = sorted((path for path in folder.glob("*.eml")), reverse=True)
    shown = names[(page - 1) * PAGE : page * PAGE]
    found = [envelope_of(UUID(path.stem), _headers(path)) for path in shown]
    return found, len(names) > page * PAGE


def open_mail(folder: Path, mail_id: UUID) -> OpenMail | None:
    """The mail of a delivery; None when it is not in the folder."""
    path = folder / f"{mail_id}.eml"
    return opened(mail_id, path.read_bytes()) if path.exists() else None


def _headers(path: Path) -> EmailMessage:
    with path.open("rb") as file:
        return BytesHeaderParser(EmailMessage, policy=policy.default).parse(file)
