"""One fault of each kind, put into the tables behind the product's back."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.catalog.models import SeatCount
from services.catalog.models import WorkshopSession as CatalogSession
from services.chassis.audit import Act, AuditEntry, append
from services.chassis.ids import new_id
from services.chassis.inbox import PARKED, InboxRow
from services.chassis.outbox import OutboxRow
from services.notify.models import Attempt, Delivery, SubjectState
from services.registration.models import (
    HistoryEntry,
    Registration,
    StoredAnswer,
    WorkshopSession,
)
from tests.reconciling.conftest import Scene
from tests.reconciling.trio import NOW

Named = Iterable[object]
FAULTS: dict[str, Callable[[Scene], Named]] = {}
"""What is done to a scene, by the name of the invariant that it breaks; gives the ids named."""


def fault(inject: Callable[[Scene], Named]) -> Callable[[Scene], Named]:
    """Known by the invariant's name."""
    FAULTS[inject.__name__] = inject
    return inject


def change(scene: Scene, model: Any, *where: Any, service: str = "registration", **to: Any) -> None:
    with scene.trio.writing(service) as db:
        changed = db.execute(sa.update(model).where(*where).values(**to))
        assert changed.rowcount, "nothing to break"


def remove(scene: Scene, model: Any, *where: Any, service: str = "registration") -> None:
    with scene.trio.writing(service) as db:
        assert db.execute(sa.delete(model).where(*where)).rowcount, "nothing to remove"


def the(scene: Scene, service: str, query: sa.Select[Any]) -> Any:
    with scene.trio.runtimes[service].database.reading() as db:
        return db.scalars(query.limit(1)).one()


def add_copy(db: Session, row: Any, **but: Any) -> None:
    """Another row like it."""
    known = {each.key: getattr(row, each.key) for each in sa.inspect(type(row)).column_attrs}
    db.add(type(row)(**(known | but)))


def told_of(registration_id: UUID, kind: str = "registration.%") -> sa.Select[Any]:
    return sa.select(OutboxRow).where(
        OutboxRow.subject == str(registration_id), OutboxRow.type.like(kind)
    )


def mail_of(registration_id: UUID) -> sa.Select[Any]:
    return sa.select(Delivery).where(Delivery.subject_id == registration_id)


@fault
def nobody_is_beyond_capacity(scene: Scene) -> Named:
    change(scene, Registration, Registration.id == scene.waiting[0], state="confirmed")
    return [scene.session_id]


@fault
def one_place_for_each_person(scene: Scene) -> Named:
    row = the(
        scene, "registration", sa.select(Registration).where(Registration.id == scene.waiting[1])
    )
    copy = new_id()
    with scene.trio.writing("registration") as db:
        db.execute(sa.text("DROP INDEX uq_registration_live"))
        add_copy(db, row, id=copy, arrival=99)
    return [scene.waiting[1], copy]


@fault
def each_answer_has_its_place(scene: Scene) -> Named:
    answer = the(
        scene,
        "registration",
        sa.select(StoredAnswer).where(StoredAnswer.registration_id == scene.seated[0]),
    )
    with scene.trio.writing("registration") as db:
        add_copy(db, answer, key="another key")
    return [scene.seated[0]]


@fault
def no_seat_is_idle(scene: Scene) -> Named:
    change(scene, Registration, Registration.id == scene.seated[0], state="cancelled")
    return [scene.session_id]


@fault
def nobody_is_overtaken(scene: Scene) -> Named:
    second = Registration.id == scene.waiting[1]
    change(scene, Registration, second, state="confirmed", confirmed_at=NOW)
    with scene.trio.writing("registration") as db:
        known = {"session_id": scene.session_id, "actor": "turnout", "at": NOW}
        db.add(HistoryEntry(**known, registration_id=scene.waiting[1], action="confirmed"))
    return [scene.waiting[0]]


@fault
def no_offer_outlives_its_deadline(scene: Scene) -> Named:
    long_ago = NOW - timedelta(days=1)
    values = {"state": "offered", "offered_until": long_ago}
    change(scene, Registration, Registration.id == scene.seated[0], **values)
    return [scene.seated[0]]


@fault
def each_history_is_a_path(scene: Scene) -> Named:
    change(scene, Registration, Registration.id == scene.waiting[0], state="lapsed")
    return [scene.waiting[0]]


@fault
def arrivals_are_counted_rightly(scene: Scene) -> Named:
    change(scene, Registration, Registration.id == scene.waiting[0], arrival=1)
    return [scene.session_id]


@fault
def seats_are_announced_as_they_are(scene: Scene) -> Named:
    """Seats ≠ confirmed + offered."""
    change(scene, WorkshopSession, WorkshopSession.id == scene.session_id, capacity=7)
    return [scene.session_id]


@fault
def events_are_numbered_once(scene: Scene) -> Named:
    row = the(scene, "registration", told_of(scene.seated[0]))
    with scene.trio.writing("registration") as db:
        add_copy(db, row, event_id=new_id(), type="registration.repeated.v1")
    return [scene.seated[0]]


@fault
def the_newest_event_is_there(scene: Scene) -> Named:
    scene.trio.give_up(scene.seated[0])
    scene.trio.settle()
    row = the(scene, "registration", told_of(scene.seated[0], "registration.cancelled%"))
    remove(scene, OutboxRow, OutboxRow.event_id == row.event_id)
    return [scene.seated[0]]


@fault
def each_change_is_told(scene: Scene) -> Named:
    row = the(scene, "registration", told_of(scene.seated[0]))
    remove(scene, OutboxRow, OutboxRow.event_id == row.event_id)
    return [scene.seated[0]]


@fault
def no_change_is_told_twice(scene: Scene) -> Named:
    row = the(scene, "registration", told_of(scene.seated[0]))
    with scene.trio.writing("registration") as db:
        add_copy(db, row, event_id=new_id())
    return [scene.seated[0]]


@fault
def events_are_confirmed_in_time(scene: Scene) -> Named:
    """Outbox older than five minutes."""
    row = the(scene, "registration", told_of(scene.seated[0]))
    values = {"confirmed_at": None, "next_attempt_at": NOW}
    change(scene, OutboxRow, OutboxRow.event_id == row.event_id, **values)
    return [row.event_id]


@fault
def unconfirmed_events_are_due_again(scene: Scene) -> Named:
    row = the(scene, "registration", told_of(scene.seated[0]))
    values = {"confirmed_at": None, "next_attempt_at": NOW + timedelta(days=9)}
    change(scene, OutboxRow, OutboxRow.event_id == row.event_id, **values)
    return [row.event_id]


@fault
def no_event_is_parked(scene: Scene) -> Named:
    row = the(scene, "notify", sa.select(InboxRow))
    change(scene, InboxRow, InboxRow.event_id == row.event_id, service="notify", outcome=PARKED)
    return [row.event_id]


@fault
def confirmed_events_have_arrived(scene: Scene) -> Named:
    row = the(scene, "catalog", sa.select(InboxRow))
    remove(scene, InboxRow, InboxRow.event_id == row.event_id, service="catalog")
    return [row.event_id]


@fault
def each_event_has_its_mail(scene: Scene) -> Named:
    mail = the(scene, "notify", mail_of(scene.waiting[0]))
    another = {"event_id": new_id()}
    change(scene, Delivery, Delivery.id == mail.id, service="notify", **another)
    return [mail.event_id]


@fault
def no_event_has_two_mails(scene: Scene) -> Named:
    mail = the(scene, "notify", mail_of(scene.waiting[0]))
    with scene.trio.writing("notify") as db:
        add_copy(db, mail, id=new_id(), dedupe_key="another")
    return [mail.event_id]


@fault
def mail_goes_out_when_due(scene: Scene) -> Named:
    mail = the(scene, "notify", mail_of(scene.waiting[0]))
    change(scene, Delivery, Delivery.id == mail.id, service="notify", state="queued")
    return [mail.id]


@fault
def the_last_mail_is_true(scene: Scene) -> Named:
    change(
        scene,
        SubjectState,
        SubjectState.registration_id == scene.seated[0],
        service="notify",
        status="cancelled",
    )
    return [scene.seated[0]]


@fault
def no_mail_goes_out_untrue(scene: Scene) -> Named:
    scene.trio.give_up(scene.seated[0])
    scene.trio.settle()
    confirmation = the(
        scene, "notify", mail_of(scene.seated[0]).where(Delivery.kind == "confirmed")
    )
    after = scene.trio.now + timedelta(minutes=2)
    late = {"started_at": after, "ended_at": after}
    mine = Attempt.delivery_id == confirmation.id
    change(scene, Attempt, mine, service="notify", **late)
    return [confirmation.id]


@fault
def the_confirmed_have_mail(scene: Scene) -> Named:
    """Confirmed without mail."""
    mail = the(scene, "notify", mail_of(scene.seated[0]))
    remove(scene, Attempt, Attempt.delivery_id == mail.id, service="notify")
    remove(scene, Delivery, Delivery.id == mail.id, service="notify")
    return [scene.seated[0]]


@fault
def mail_is_about_places(scene: Scene) -> Named:
    """Mail without registration."""
    mail = the(scene, "notify", mail_of(scene.waiting[0]))
    nobody = new_id()
    with scene.trio.writing("notify") as db:
        add_copy(db, mail, id=new_id(), dedupe_key="another", event_id=new_id(), subject_id=nobody)
    return [nobody]


@fault
def mail_goes_by_the_state(scene: Scene) -> Named:
    change(
        scene,
        SubjectState,
        SubjectState.registration_id == scene.seated[0],
        service="notify",
        heard_status="offered",
    )
    return [scene.seated[0]]


@fault
def the_audit_log_is_whole(scene: Scene) -> Named:
    with scene.trio.writing("catalog") as db:
        for action in ("first", "second"):
            append(db, Act("1", "Jo Roy", "admin", action), NOW)
    change(scene, AuditEntry, AuditEntry.number == 2, service="catalog", actor="Somebody else")
    return [2]


@fault
def the_calendar_shows_the_seats(scene: Scene) -> Named:
    change(scene, SeatCount, SeatCount.session_id == scene.session_id, service="catalog", held=1)
    return [scene.session_id]


@fault
def dates_repeat_the_days(scene: Scene) -> Named:
    change(scene, CatalogSession, service="catalog", first_day=None)
    return [the(scene, "catalog", sa.select(CatalogSession.id))]


@fault
def rosters_list_the_confirmed(scene: Scene) -> Named:
    row = the(scene, "registration", sa.select(OutboxRow).where(OutboxRow.type == "roster.due.v2"))
    data = row.envelope["data"]
    short = row.envelope | {"data": data | {"lines": data["lines"][1:]}}
    change(scene, OutboxRow, OutboxRow.event_id == row.event_id, envelope=short)
    return [row.event_id]
