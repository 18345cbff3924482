"""Tasks for staff: opened once for each matter, and settled with a word of how."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from services.chassis.areas import in_areas
from services.chassis.db import locked
from services.registration.history import note
from services.registration.models import Registration, StaffTask, WorkshopSession
from services.registration.places import lock_registration
from services.registration.seats import lock_session

MAIL_BOUNCED = "mail_bounced"
LOST_IN_RESTORE = "lost_in_restore"
DISCREPANCIES = "discrepancies"
LONGEST_WORDS = 1000
MOST_SETTLED = 50


class UnknownTask(Exception):
    """There is no such task."""


class AlreadySettled(Exception):
    """Somebody was quicker; `by` is who."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


@dataclass(frozen=True)
class TaskView:
    """A task with what it is about."""

    task: StaffTask
    session: WorkshopSession | None
    registration: Registration | None


def open_task(
    db: Session,
    kind: str,
    *,
    session_id: UUID | None,
    registration_id: UUID | None = None,
    about: str = "",
    words: str,
    since: datetime,
) -> StaffTask:
    """The one open task of its kind about a registration, or about what `about` names.

    One that is open already takes the newest moment and its words, in whichever order they come.
    Call it with the session locked.
    """
    matter = (StaffTask.session_id == session_id, StaffTask.registration_id == registration_id)
    task = db.scalar(_open(kind, *matter, _is_about(about)).limit(1).with_for_update())
    if task is None:
        known = {"session_id": session_id, "registration_id": registration_id}
        task = StaffTask(kind=kind, **known, created_at=since)
        db.add(task)
    if since >= task.created_at:
        task.created_at, task.words = since, (_named(about) + words)[:LONGEST_WORDS]
    return task


def settle(db: Session, task_id: UUID, *, actor: str, outcome: str, now: datetime) -> StaffTask:
    """Close a task with a word of how it was settled; UnknownTask, AlreadySettled."""
    seen = db.get(StaffTask, task_id)
    if seen is None:
        raise UnknownTask(task_id)
    subject = _lock_subject(db, seen)
    task = locked(db, StaffTask, task_id)
    if task is None:
        raise UnknownTask(task_id)
    if task.done_at is not None:
        raise AlreadySettled(task.done_by)
    _close(task, actor, outcome, now)
    if subject is not None:
        note(db, subject, "task_settled", now=now, actor=actor, reason=outcome)
    return task


def settle_about(
    db: Session,
    kind: str,
    registration_ids: Sequence[UUID] = (),
    *,
    about: str = "",
    before: datetime | None = None,
    actor: str,
    outcome: str = "",
    now: datetime,
) -> int:
    """Close the open tasks of a kind about some registrations, or about what `about` names.

    Only those that were opened `before` a moment, if one is given; returns how many.
    """
    if about:
        query = _open(kind, StaffTask.registration_id.is_(None), _is_about(about))
    else:
        query = _open(kind, StaffTask.registration_id.in_(registration_ids))
    if before is not None:
        query = query.where(StaffTask.created_at < before)
    tasks = db.scalars(query.order_by(StaffTask.id).with_for_update()).all()
    for task in tasks:
        _close(task, actor, outcome, now)
    return len(tasks)


def settle_kind(db: Session, kind: str, *, actor: str, now: datetime) -> None:
    """Close every open task of a kind."""
    for task in db.scalars(_open(kind).order_by(StaffTask.id).with_for_update()):
        _close(task, actor, "", now)


def count_open(db: Session, areas: Collection[str]) -> int:
    """How many tasks wait for somebody, in some areas."""
    query = sa.select(sa.func.count()).select_from(StaffTask)
    query = query.outerjoin(WorkshopSession, WorkshopSession.id == StaffTask.session_id)
    return db.scalar(query.where(StaffTask.done_at.is_(None), _is_in(areas))) or 0


def open_tasks(db: Session, areas: Collection[str]) -> list[TaskView]:
    """What waits for somebody in some areas, the oldest first."""
    query = _with_subjects().where(StaffTask.done_at.is_(None), _is_in(areas))
    return _views(db, query.order_by(StaffTask.created_at, StaffTask.id))


def settled_tasks(db: Session, areas: Collection[str]) -> list[TaskView]:
    """What was settled last in some areas, the newest first."""
    query = _with_subjects().where(StaffTask.done_at.is_not(None), _is_in(areas))
    return _views(db, query.order_by(StaffTask.done_at.desc(), StaffTask.id).limit(MOST_SETTLED))


def _is_in(areas: Collection[str]) -> sa.ColumnElement[bool]:
    """A task that is about no session is everybody's."""
    return sa.or_(StaffTask.session_id.is_(None), in_areas(WorkshopSession.area, areas))


def _named(about: str) -> str:
    return f"{about}: " if about else ""


def _is_about(about: str) -> sa.ColumnElement[bool]:
    return StaffTask.words.startswith(_named(about), autoescape=True)


def _open(kind: str, *conditions: sa.ColumnElement[bool]) -> sa.Select[StaffTask]:
    return sa.select(StaffTask).where(
        StaffTask.kind == kind, StaffTask.done_at.is_(None), *conditions
    )


def _close(task: StaffTask, actor: str, outcome: str, now: datetime) -> None:
    task.done_at, task.done_by, task.outcome = now, actor, outcome


def _lock_subject(db: Session, task: StaffTask) -> Registration | WorkshopSession | None:
    """What the task is about; its session is locked first, as everywhere."""
    if task.registration_id is not None:
        return lock_registration(db, task.registration_id)[1]
    return lock_session(db, task.session_id) if task.session_id is not None else None


def _with_subjects() -> sa.Select[StaffTask, WorkshopSession, Registration]:
    query = sa.select(StaffTask, WorkshopSession, Registration)
    with_session = query.outerjoin(WorkshopSession, WorkshopSession.id == StaffTask.session_id)
    with_both = with_session.outerjoin(Registration, Registration.id == StaffTask.registration_id)
    # Its usual inner join would leave out the tasks that are about no registration.
    return with_both.options(joinedload(Registration.person, innerjoin=False))


def _views(
    db: Session, query: sa.Select[StaffTask, WorkshopSession, Registration]
) -> list[TaskView]:
    return [TaskView(*row) for row in db.execute(query)]
