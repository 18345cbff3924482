"""A local's people: who of its members has signed up for what, and how that stands."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from services.chassis.areas import in_areas
from services.registration.models import Registration, WorkshopSession

SHOWN_FOR = timedelta(days=365)


def people_of(
    db: Session, organisation_id: UUID, *, areas: Collection[str], now: datetime
) -> Sequence[Registration]:
    """The registrations of a local's people, the latest sessions first; those of a year ago end it.

    Only for sessions in some areas, where the reader is limited to any.
    """
    query = (
        sa.select(Registration)
        .join(Registration.session)
        .options(contains_eager(Registration.session))
        .where(
            Registration.organisation_id == organisation_id,
            WorkshopSession.ends_on >= (now - SHOWN_FOR).date(),
            in_areas(WorkshopSession.area, areas),
        )
    )
    order = (WorkshopSession.starts_at.desc(), Registration.name, Registration.id)
    return db.scalars(query.order_by(*order)).all()
