"""The letterhead: the name, the reply address, the signature and the colour of all mail."""

from urllib.parse import parse_qs, urlsplit

from sqlalchemy.orm import Session

from services.chassis.config import Settings
from services.notify.letters.look import DEFAULT_NAME
from services.notify.message import Mailbox, mailbox, name_in_header
from services.notify.models import Letterhead

FIELDS = ("sender_name", "reply_to", "signature_en", "signature_fr", "colour")
ONLY_ROW = 1


def letterhead_of(db: Session) -> Letterhead:
    """What the organisation has chosen; empty fields where it has not."""
    return db.get(Letterhead, ONLY_ROW) or letterhead_with()


def letterhead_with(**chosen: str) -> Letterhead:
    """A letterhead of these fields, the rest left to us."""
    empty = dict.fromkeys(FIELDS, "")
    return Letterhead(id=ONLY_ROW, **(empty | chosen))


def choose_letterhead(db: Session, chosen: dict[str, str]) -> None:
    """Have every mail from now on look and be signed so."""
    db.merge(letterhead_with(**chosen))


def answers_to(letterhead: Letterhead) -> Mailbox | None:
    """Who reads answers; nobody, where the organisation has not said."""
    name = letterhead.sender_name or DEFAULT_NAME
    return mailbox(name, letterhead.reply_to) if letterhead.reply_to else None


def sender_of(settings: Settings, letterhead: Letterhead) -> Mailbox:
    """Who mail comes from: `?from=` of the mail address, or no-reply at the site's host."""
    parts = urlsplit(settings.mail_url)
    chosen = parse_qs(parts.query).get("from", [""])[0]
    host = urlsplit(settings.base_url).hostname or "localhost"
    name = name_in_header(letterhead.sender_name or DEFAULT_NAME) or DEFAULT_NAME
    return Mailbox(name, chosen or f"no-reply@{host}")
