"""The staff's list of tasks: what waits for somebody, and what was settled lately."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from services.chassis.access import allowed, own_areas
from services.chassis.forms import Form, read_form
from services.chassis.policy import SETTLE_TASKS
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.history import TURNOUT
from services.registration.models import StaffTask
from services.registration.schemas import SettleInput
from services.registration.staff_access import seen_task
from services.registration.tasks import (
    DISCREPANCIES,
    LOST_IN_RESTORE,
    MAIL_BOUNCED,
    AlreadySettled,
    TaskView,
    count_open,
    open_tasks,
    settle,
    settled_tasks,
)
from services.registration.wording import SessionWords, local_moment

task_pages = Blueprint("tasks", __name__, url_prefix="/staff/tasks")

_HAPPENED = {
    MAIL_BOUNCED: lazy_gettext("A mail did not arrive."),
    LOST_IN_RESTORE: lazy_gettext(
        "They were told this of their place, and a restore from a backup has lost it. "
        "Write to them, and put it right."
    ),
    DISCREPANCIES: lazy_gettext("The nightly check found what does not add up."),
}
_SETTLED_ITSELF = {
    MAIL_BOUNCED: lazy_gettext("A later mail arrived."),
    DISCREPANCIES: lazy_gettext("It is gone."),
}
_PLACES = {DISCREPANCIES: "discrepancies.discrepancies"}
"""The pages where tasks that are about no one place are seen to."""

_WITHOUT_WORDS = {
    "hard_bounce": lazy_gettext("The address does not exist."),
    "blocked": lazy_gettext("The receiving server would not take the mail."),
    "dropped": lazy_gettext("The mail service held the mail back."),
    "spam_report": lazy_gettext("The mail was reported as spam."),
    "refused": lazy_gettext("The mail was refused when it was handed over."),
    "suppressed": lazy_gettext("Not sent: an earlier message to this address came back."),
}
"""What is said of a mail that did not arrive when the provider had no words of its own."""

_NOT_TRIED = {
    "Not sent: an earlier message to this address came back.": lazy_gettext(
        "Not sent: an earlier message to this address came back."
    ),
    "Not sent: a message to this address was reported as spam.": lazy_gettext(
        "Not sent: a message to this address was reported as spam."
    ),
    "Not sent: staff have stopped mail to this address.": lazy_gettext(
        "Not sent: staff have stopped mail to this address."
    ),
}
"""What notify says of a mail that it did not even try, before the provider's earlier words."""


@dataclass(frozen=True)
class TaskLine:
    """A task as the list shows it."""

    id: UUID
    happened: str
    words: str
    since: str
    session: SessionWords | None
    registration_id: UUID | None
    person: str
    email: str
    place: str
    settled: str
    by: str
    outcome: str


@task_pages.app_context_processor
def _for_templates() -> dict[str, Callable[..., object]]:
    """The number for the navigation, asked for only where it is shown."""
    return {"count_tasks": _count, "failure_words": _failure_words}


@task_pages.get("")
@allowed(SETTLE_TASKS)
def tasks() -> str:
    """The open tasks, the oldest first, and the last that were settled."""
    return _show(Form())


@task_pages.post("/<uuid:task_id>/settle")
@allowed(SETTLE_TASKS)
def settled(task_id: UUID) -> Response | tuple[str, int]:
    """Close a task with a word of how."""
    typed, data = read_form(SettleInput())
    if data is None:
        return _show(typed, task_id), 422
    done = {"actor": staff_member().name, "outcome": data["outcome"], "now": datetime.now(UTC)}
    try:
        with runtime().database.writing() as db:
            seen_task(db, task_id, SETTLE_TASKS)
            settle(db, task_id, **done)
    except AlreadySettled:
        flash(_("This task was settled already."), "warning")
    else:
        flash(_("The task is settled."), "success")
    return redirect(url_for("tasks.tasks"))


def _show(typed: Form, refused_id: UUID | None = None) -> str:
    """The list; `refused_id` is the task whose form was refused."""
    with runtime().database.reading() as db:
        areas = own_areas(SETTLE_TASKS)
        waiting, done = open_tasks(db, areas), settled_tasks(db, areas)
    return render_template(
        "registration/tasks.html",
        waiting=[_line(each) for each in waiting],
        done=[_line(each) for each in done],
        form=typed,
        refused_id=refused_id,
    )


def _failure_words(words: str) -> str:
    """Why a mail did not arrive: the provider's words, or ours where it had none."""
    about, colon, said = words.rpartition(": ")
    if said in _WITHOUT_WORDS:
        return f"{about}{colon}{_WITHOUT_WORDS[said]}"
    for english, ours in _NOT_TRIED.items():
        words = words.replace(english, str(ours))
    return words


def _line(view: TaskView) -> TaskLine:
    """A task in the reader's words."""
    task, registration = view.task, view.registration
    session = SessionWords(view.session) if view.session else None
    return TaskLine(
        id=task.id,
        happened=str(_HAPPENED.get(task.kind, task.kind)),
        words=_failure_words(task.words),
        since=_moment(session, task.created_at),
        session=session,
        registration_id=task.registration_id,
        person=registration.name if registration else "",
        email=registration.person.email if registration else "",
        place=url_for(_PLACES[task.kind]) if task.kind in _PLACES else "",
        settled=_moment(session, task.done_at) if task.done_at else "",
        **_settled(task),
    )


def _settled(task: StaffTask) -> dict[str, Any]:
    if task.done_by == TURNOUT:
        return {"by": "", "outcome": str(_SETTLED_ITSELF.get(task.kind, ""))}
    return {"by": task.done_by, "outcome": task.outcome}


def _moment(session: SessionWords | None, moment: datetime) -> str:
    if session is not None:
        return session.moment(moment)
    return local_moment(moment)


def _count() -> int:
    with runtime().database.reading() as db:
        return count_open(db, own_areas(SETTLE_TASKS))
