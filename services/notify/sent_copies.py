"""Copies of mail as it was sent, for whoever asks what somebody was told."""

import zlib
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import insert_new
from services.notify.message import Mail
from services.notify.models import SentCopy


def keep_copy(db: Session, mail: Mail, now: datetime) -> None:
    """Keep the message of the last attempt."""
    copy = {"content": zlib.compress(mail.internet_form), "stored_at": now}
    if not insert_new(db, SentCopy, delivery_id=mail.id, **copy):
        db.execute(sa.update(SentCopy).where(SentCopy.delivery_id == mail.id).values(**copy))


def copy_of(db: Session, delivery_id: UUID) -> bytes | None:
    """The Internet message that went out last; None when none did, or it is kept no longer."""
    row = db.get(SentCopy, delivery_id)
    return zlib.decompress(row.content) if row else None
