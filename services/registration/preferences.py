"""What the organisation that runs this site has chosen."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.db import table_of
from services.registration.models import Preference

ANSWERS_BY_MAIL = "answers_by_mail"
"""Tell every answer by mail alone, so that the form shows nobody who is registered."""

ROSTER_ATTACHED = "roster_attached"
"""Send the list itself as a PDF with a roster's mail, and not the link alone."""

_columns = table_of(Preference).c
_CHOSEN = sa.select(_columns.chosen).where(_columns.name == sa.bindparam("name"))
_ON_UNTIL_CHOSEN = (ROSTER_ATTACHED,)


def chosen(db: Session, name: str) -> bool:
    """What the organisation has chosen, or what holds until it does."""
    known = db.execute(_CHOSEN, {"name": name}).scalar_one_or_none()
    return name in _ON_UNTIL_CHOSEN if known is None else bool(known)


def choose(db: Session, name: str, value: bool) -> None:
    """Keep a choice."""
    db.merge(Preference(name=name, chosen=value))
