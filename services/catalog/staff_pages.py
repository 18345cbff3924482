"""The staff pages for workshops and many sessions at once: lists, bulk changes, new ones."""

from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template
from flask_babel import gettext as _
from flask_babel import ngettext

from services.catalog.commands import (
    bulk_edit,
    create_session,
    create_workshop,
    edit_workshop,
    publish_session,
)
from services.catalog.models import Workshop
from services.catalog.queries import known_topics, workshops_by_title
from services.catalog.refusals import Refusal
from services.catalog.schemas import AnotherDate, BulkChange, ChosenDrafts, NewWorkshop
from services.catalog.session_form import workshop_form
from services.catalog.staff_access import (
    placed,
    require_change,
    seen_session,
    seen_workshop,
    sees_workshop,
)
from services.catalog.staff_answers import LIST_ADDRESS, Answer, on_refusal, session_address
from services.catalog.staff_lists import drafts_ahead, staff_lists
from services.chassis.access import allowed, own_areas
from services.chassis.forms import Form, read_form
from services.chassis.i18n import reader_language
from services.chassis.policy import EDIT_SESSIONS, EDIT_WORKSHOPS, PUBLISH_SESSIONS, SEE_WORKSHOPS
from services.chassis.running import runtime
from services.chassis.staff import staff_member

pages = Blueprint("catalog_staff", __name__, url_prefix=LIST_ADDRESS)
pages.register_error_handler(Refusal, on_refusal)


@pages.get("")
@allowed(SEE_WORKSHOPS)
def overview() -> str:
    """Drafts to review, and all that is public."""
    return _show_lists(None)


@pages.post("/bulk")
@allowed(EDIT_SESSIONS)
def bulk() -> Answer:
    """One pattern for many drafts."""
    form, data = read_form(BulkChange())
    if data is None:
        return _show_lists(form), 422
    chosen, every, now = data.pop("session_ids"), data.pop("every"), datetime.now(UTC)
    with runtime().database.writing() as db:
        ids = drafts_ahead(db, own_areas(EDIT_SESSIONS), now) if every else chosen
        for session_id in ids:
            require_change(db, session_id, data)
        count = bulk_edit(db, ids, data, actor=staff_member().name, now=now)
    flash(ngettext("%(num)d draft was changed.", "%(num)d drafts were changed.", count), "success")
    return redirect(LIST_ADDRESS)


@pages.post("/publish")
@allowed(PUBLISH_SESSIONS)
def publish_chosen() -> Answer:
    """Publish the chosen drafts; those that are not ready stay drafts and say why."""
    form, data = read_form(ChosenDrafts())
    if data is None:
        return _show_lists(form), 422
    now = datetime.now(UTC)
    with runtime().database.reading() as db:
        ahead = drafts_ahead(db, own_areas(PUBLISH_SESSIONS), now)
        chosen = ahead if data["every"] else data["session_ids"]
        for session_id in chosen:
            seen_session(db, session_id, PUBLISH_SESSIONS)
    published = sum(_is_published(session_id, now) for session_id in chosen)
    _tell_published(published, len(chosen) - published)
    return redirect(LIST_ADDRESS)


@pages.get("/new")
@allowed(EDIT_WORKSHOPS)
def new_workshop() -> str:
    """An empty form for a workshop made by hand."""
    return _show_workshop(None, Form())


@pages.post("/new")
@allowed(EDIT_WORKSHOPS)
def add_workshop() -> Answer:
    """Make a workshop."""
    form, data = read_form(NewWorkshop())
    if data is None:
        return _show_workshop(None, form), 422
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        workshop = create_workshop(db, data, actor=staff_member().name, now=now)
    flash(_("The workshop is there. Now give it its first date."), "success")
    return redirect(f"{LIST_ADDRESS}/{workshop.id}")


@pages.get("/<uuid:workshop_id>")
@allowed(EDIT_WORKSHOPS)
def workshop(workshop_id: UUID) -> str:
    """A workshop's texts, and a form for another date."""
    return _show_workshop(workshop_id, None)


@pages.post("/<uuid:workshop_id>")
@allowed(EDIT_WORKSHOPS)
def save_workshop(workshop_id: UUID) -> Answer:
    """Change a workshop's texts on all of its dates."""
    form, data = read_form(NewWorkshop())
    if data is None:
        return _show_workshop(workshop_id, form), 422
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_workshop(db, workshop_id)
        edit_workshop(db, workshop_id, data, actor=staff_member().name, now=now)
    flash(_("Saved."), "success")
    return redirect(f"{LIST_ADDRESS}/{workshop_id}")


@pages.post("/<uuid:workshop_id>/sessions")
@allowed(EDIT_SESSIONS)
def add_session(workshop_id: UUID) -> Answer:
    """Make a draft of a new date, to be filled in on its own page."""
    form, data = read_form(AnotherDate())
    if data is None:
        return _show_workshop(workshop_id, None, date_form=form), 422
    values = {"days": [{"date": data["first_day"], "starts": None, "ends": None}]}
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        session = create_session(
            db, workshop_id, placed(db, values), actor=staff_member().name, now=now
        )
    return redirect(session_address(session.id))


def _show_lists(form: Form | None) -> str:
    with runtime().database.reading() as db:
        areas = own_areas(SEE_WORKSHOPS)
        lists = staff_lists(db, areas, language=reader_language(), now=datetime.now(UTC))
    return render_template("catalog/staff_lists.html", lists=lists, form=form)


def _show_workshop(
    workshop_id: UUID | None, form: Form | None, date_form: Form | None = None
) -> str:
    with runtime().database.reading() as db:
        workshop = seen_workshop(db, workshop_id) if workshop_id else None
        topics = known_topics(db)
        others = [each for each in workshops_by_title(db) if sees_workshop(each)]
    form = form or workshop_form(workshop or Workshop())
    return render_template(
        "catalog/staff_workshop.html",
        workshop=workshop,
        form=form,
        date_form=date_form,
        topics=topics,
        others=others,
    )


def _is_published(session_id: UUID, now: datetime) -> bool:
    try:
        with runtime().database.writing() as db:
            publish_session(db, session_id, actor=staff_member().name, now=now)
    except Refusal:
        return False  # Its reasons stand beside it in the list, which is shown next.
    return True


def _tell_published(published: int, refused: int) -> None:
    if published:
        text = ngettext(
            "%(num)d session was published.", "%(num)d sessions were published.", published
        )
        flash(text, "success")
    if refused:
        text = ngettext(
            "%(num)d draft is not ready yet; what is missing stands beside it.",
            "%(num)d drafts are not ready yet; what is missing stands beside each.",
            refused,
        )
        flash(text, "warning")
    if not published and not refused:
        flash(_("Choose the drafts to publish."), "error")
