"""What an import writes: a draft for each new entry, and a listing's changes in a known one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from services.catalog.comparing import ListingChange
from services.catalog.drafts import draft_values, texts_of
from services.catalog.editing import apply
from services.catalog.history import FieldChange, record
from services.catalog.models import WorkshopSession
from services.catalog.schedule import days_on
from services.catalog.sharing import reword, workshop_with
from services.chassis.ids import new_id


def create_draft(
    db: Session, facts: dict[str, Any], *, actor: str, now: datetime
) -> WorkshopSession:
    """A draft with all that the listing says, and nothing that it does not."""
    values = draft_values(facts)
    session = WorkshopSession(
        id=new_id(),
        workshop=workshop_with(db, texts_of(values), now),
        zone=values["zone"],
        flags=facts["flags"],
        import_facts=facts,
        created_at=now,
        version=0,
    )
    db.add(session)
    _take_over(db, session, values)
    db.flush()
    record(db, session, "imported", actor=actor, now=now)
    return session


def follow_listing(
    db: Session,
    session: WorkshopSession,
    changes: Sequence[ListingChange],
    *,
    flags: list[dict[str, Any]],
    actor: str,
    now: datetime,
) -> None:
    """Change what staff have not changed themselves; what remains open is in the flags."""
    wanted: dict[str, Any] = {}
    for change in changes:
        wanted |= change.values if change.applied else {}
    if texts := texts_of(wanted):
        reword(db, session, texts, now)
    _take_over(db, session, wanted)
    session.flags = flags
    told = [FieldChange(each.field, each.old, each.new) for each in changes]
    record(db, session, "listing_changed", actor=actor, now=now, changes=told)


def _take_over(db: Session, session: WorkshopSession, values: Mapping[str, Any]) -> None:
    """Set the listing's values; its dates become days, whose hours it does not know."""
    days = {"days": days_on(values["dates"], session)} if "dates" in values else {}
    texts = texts_of(values)
    own = {name: value for name, value in values.items() if name not in texts}
    apply(db, session, {**own, **days})
