"""What the organisation that runs this site has chosen."""

from sqlalchemy.orm import Session

from services.registration.models import Preference

ANSWERS_BY_MAIL = "answers_by_mail"
"""Tell every answer by mail alone, so that the form shows nobody who is registered."""


def chosen(db: Session, name: str) -> bool:
    """Whether the organisation has chosen this; nothing is, until it is."""
    row = db.get(Preference, name)
    return row is not None and row.chosen


def choose(db: Session, name: str, value: bool) -> None:
    """Keep a choice."""
    db.merge(Preference(name=name, chosen=value))
