"""What the organisation that runs this site has chosen."""

from sqlalchemy.orm import Session

from services.registration.models import Preference

ANSWERS_BY_MAIL = "answers_by_mail"
"""Tell every answer by mail alone, so that the form shows nobody who is registered."""

ROSTER_ATTACHED = "roster_attached"
"""Send the list itself as a PDF with a roster's mail, and not the link alone."""

_ON_UNTIL_CHOSEN = (ROSTER_ATTACHED,)


def chosen(db: Session, name: str) -> bool:
    """What the organisation has chosen, or what holds until it does."""
    row = db.get(Preference, name)
    return name in _ON_UNTIL_CHOSEN if row is None else row.chosen


def choose(db: Session, name: str, value: bool) -> None:
    """Keep a choice."""
    db.merge(Preference(name=name, chosen=value))
