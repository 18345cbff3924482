"""Which workshop a listing's entry belongs to: dates with the same words share one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.drafts import texts_of
from services.catalog.history import snapshot
from services.catalog.models import Workshop, WorkshopSession


def workshop_with(db: Session, texts: Mapping[str, Any], now: datetime) -> Workshop:
    """The workshop with just these texts, new where there is none; one without title is new."""
    return _found(db, texts) or _new(db, texts, now)


def reword(db: Session, session: WorkshopSession, texts: Mapping[str, Any], now: datetime) -> None:
    """Give one session other texts and leave the other dates of its workshop as they are.

    A workshop that is left without dates goes; its words live on in the session's new one.
    """
    old = session.workshop
    is_alone = old.sessions == [session]
    wanted = {**texts_of(snapshot(session)), **texts}
    found = _found(db, wanted)
    if is_alone and found is None:
        for name, value in texts.items():
            setattr(old, name, value)
        return
    session.workshop = found or _new(db, wanted, now)
    db.flush()
    if is_alone:
        db.delete(old)


def _found(db: Session, texts: Mapping[str, Any]) -> Workshop | None:
    if not texts["title_en"] and not texts["title_fr"]:
        return None
    same = [getattr(Workshop, name) == value for name, value in texts.items()]
    return db.scalars(sa.select(Workshop).where(*same).order_by(Workshop.id).limit(1)).first()


def _new(db: Session, texts: Mapping[str, Any], now: datetime) -> Workshop:
    workshop = Workshop(created_at=now, **texts)
    db.add(workshop)
    db.flush()
    return workshop
