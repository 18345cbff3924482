"""Loads the demonstration with the same importer and commands that people use."""

from collections.abc import Sequence
from datetime import datetime, time
from uuid import UUID

from sqlalchemy.orm import Session

from infra.demo.directory import LOCALS
from infra.demo.listing import demo_listing
from services.catalog.commands import bulk_edit, edit_session, import_listing, publish_session
from services.catalog.models import DRAFT, WorkshopSession
from services.catalog.refusals import NotPublishable
from services.chassis.service import Runtime
from services.registration.directory import DirectoryEntry, load_directory

ACTOR = "Demonstration"
STARTS, ENDS = time(9), time(16)
SEATS = 20
FEW_SEATS = 2
"""In the first session of all, so that a visitor soon meets the waiting list."""

FACILITATOR = {"name": "Sam Facilitator", "email": "facilitator@example.org", "language": "en"}
HOST = {"name": "Kim Host", "email": "host@example.org", "language": "en"}


def load_demo(catalog: Runtime, registration: Runtime, now: datetime) -> int:
    """Load calendar and directory; returns how many sessions the public calendar shows.

    Drafts with an open question stay drafts: a coordinator finds something to review.
    """
    with registration.database.writing() as db:
        load_directory(db, _directory(), now=now)
    with catalog.database.writing() as db:
        drafts = _import(db, now)
    return sum(_publish(catalog, each, now) for each in drafts)


def _directory() -> list[DirectoryEntry]:
    return [
        DirectoryEntry(
            number=str(local.number), name=local.title, area=local.area, affiliated=local.affiliated
        )
        for local in LOCALS
    ]


def _import(db: Session, now: datetime) -> list[UUID]:
    """The drafts, each with times, seats and people, and free where no fee was listed."""
    report = import_listing(db, demo_listing(now.date()), actor=ACTOR, now=now)
    drafts = [item.session_id for item in report.items if item.session_id and item.status == DRAFT]
    given = {"starts": STARTS, "ends": ENDS, "capacity": SEATS}
    bulk_edit(db, drafts, given, actor=ACTOR, now=now)
    bulk_edit(db, drafts[:1], {"capacity": FEW_SEATS}, actor=ACTOR, now=now)
    free = {"fee_affiliate_cents": 0, "fee_other_cents": 0}
    bulk_edit(db, _without_fee(db, drafts), free, actor=ACTOR, now=now)
    for each in drafts:
        people = {"facilitators": [FACILITATOR], "host": HOST}
        area = _area_of(db.get_one(WorkshopSession, each))
        edit_session(db, each, people | {"area": area}, actor=ACTOR, now=now)
    return drafts


def _area_of(session: WorkshopSession) -> str:
    """The area of a local that is in the same town; other sessions are everybody's."""
    town = session.venue.city if session.venue else ""
    return town if town in {local.area for local in LOCALS} else ""


def _without_fee(db: Session, drafts: Sequence[UUID]) -> list[UUID]:
    found = [db.get_one(WorkshopSession, each) for each in drafts]
    return [each.id for each in found if each.fee_affiliate_cents is None]


def _publish(catalog: Runtime, session_id: UUID, now: datetime) -> bool:
    """Publish one; False when it has an open question."""
    try:
        with catalog.database.writing() as db:
            publish_session(db, session_id, actor=ACTOR, now=now)
    except NotPublishable:
        return False
    return True
