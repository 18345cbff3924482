"""The pages on which staff write to a group: write, look at it, try it on oneself, send."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import Form, read_form
from services.chassis.ids import new_id
from services.chassis.policy import WRITE_TO_GROUP
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.audiences import (
    OF_A_SESSION,
    Audience,
    Group,
    find_group,
    groups_of_session,
    locals_in,
)
from services.registration.choosing_audience import (
    choose_audience,
    is_within_reach,
    name_of_choice,
    names_to_choose,
)
from services.registration.group_message_words import (
    SentWords,
    audience_text,
    group_text,
    language_missing,
    left_out,
    preview,
)
from services.registration.group_messages import (
    AudienceChanged,
    Draft,
    LanguageMissing,
    SentOtherwise,
    check_languages,
    send_group_message,
    send_test,
    sent_messages,
)
from services.registration.message_schemas import (
    MessageInput,
    draft_of,
    merge_fields,
)
from services.registration.models import Organisation, WorkshopSession
from services.registration.staff_access import seen_session
from services.registration.wording import SessionWords, names_text

group_message_pages = Blueprint("messages", __name__, url_prefix="/staff/messages")
Answer = Response | tuple[str, int]


@group_message_pages.get("")
@allowed(WRITE_TO_GROUP)
def sent() -> str:
    """What was sent to groups, and where its progress is shown."""
    with runtime().database.reading() as db:
        rows = [each for each in sent_messages(db) if is_within_reach(db, each.audience)]
    return render_template("registration/messages.html", rows=[SentWords(each) for each in rows])


@group_message_pages.get("/new")
@allowed(WRITE_TO_GROUP)
def new() -> Answer:
    """An empty message to a group of a session, or to a local or an area."""
    asked = {name: request.args.get(name, "") for name in ("session_id", "to")}
    return _show_form(Form(values={"message_id": str(new_id()), **asked}))


@group_message_pages.post("/write")
@allowed(WRITE_TO_GROUP)
def write() -> Answer:
    """Back to the form, as it was filled in."""
    typed, _data = read_form(MessageInput())
    typed.errors.clear()
    return _show_form(typed)


@group_message_pages.post("/preview")
@allowed(WRITE_TO_GROUP)
def look() -> Answer:
    """The message as its readers will see it, and who they are."""
    typed, draft = _read()
    return _show_form(typed, 422) if draft is None else _show_preview(typed, draft)


@group_message_pages.post("/test")
@allowed(WRITE_TO_GROUP)
def test() -> Answer:
    """Send the message to oneself, then show it again."""
    typed, draft = _read()
    if draft is None:
        return _show_form(typed, 422)
    with runtime().database.writing() as db:
        group = find_group(db, draft.audience)
        if is_sendable := _why_not(draft, group) is None:
            sample, now = group.readers[0], datetime.now(UTC)
            send_test(db, draft, to=staff_member(), sample=sample, now=now)
    if is_sendable:
        words = _("A test is on its way to %(address)s alone.", address=staff_member().email)
        flash(words, "success")
    return _show_preview(typed, draft)


@group_message_pages.post("/send")
@allowed(WRITE_TO_GROUP)
def send() -> Answer:
    """Send to everybody, if they are still as many as were shown."""
    typed, draft = _read()
    if draft is None:
        return _show_form(typed, 422)
    expected = int(typed.values.get("size") or 0)
    try:
        with runtime().database.writing() as db:
            who, now = staff_member().name, datetime.now(UTC)
            send_group_message(db, draft, author=who, expected=expected, now=now)
    except AudienceChanged:
        flash(_("The group has changed since you looked. Please look once more."), "warning")
        return _show_preview(typed, draft, 409)
    except SentOtherwise:
        typed.values["message_id"] = str(new_id())
        flash(_("This message was sent already, in other words. This is a new one."), "warning")
        return _show_preview(typed, draft, 409)
    except LanguageMissing as problem:
        return _show_form(_refused(typed, problem), 409)
    return redirect(f"/staff/mail/log?batch={draft.id}")


def _read() -> tuple[Form, Draft | None]:
    """What was typed, and the message where nothing is wrong with it."""
    typed, data = read_form(MessageInput())
    if data is None:
        return typed, None
    with runtime().database.reading() as db:
        session = _session(db, data["session_id"])
        is_clear = session is not None or choose_audience(db, data, typed)
    return typed, draft_of(data) if is_clear else None


def _refused(typed: Form, problem: LanguageMissing) -> Form:
    typed.refuse(f"body_{problem.language}", language_missing(problem))
    return typed


def _show_form(typed: Form, status: int = 200) -> Answer:
    with runtime().database.reading() as db:
        session = _session(db, typed.values.get("session_id", ""))
        choices = _groups(db, session) if session else ()
        locals_ = locals_in(db, session.id) if session else ()
        names = () if session else names_to_choose(db)
        if session is None:
            typed.values["to"] = name_of_choice(db, typed.values.get("to", ""))
    page = render_template(
        "registration/message_write.html",
        form=typed,
        session=SessionWords(session) if session else None,
        choices=choices,
        names=names,
        locals=[(str(each.id), each.label) for each in locals_],
        fields=merge_fields(of_a_session=session is not None),
    )
    return page, status


def _show_preview(typed: Form, draft: Draft, status: int = 200) -> Answer:
    with runtime().database.reading() as db:
        key = draft.audience.session_id
        session = seen_session(db, key, WRITE_TO_GROUP) if key else None
        group = find_group(db, draft.audience)
        chosen = draft.audience.organisation_id
        organisation = db.get(Organisation, chosen) if chosen else None
    if problem := _why_not(draft, group):
        typed.refuse(*problem)
        return _show_form(typed, 422)
    typed.values["size"] = str(len(group.readers))
    page = render_template(
        "registration/message_preview.html",
        form=typed,
        session=SessionWords(session) if session else None,
        to=audience_text(draft.audience, organisation),
        group=group,
        names=names_text(group.readers),
        left_out=left_out(group),
        letters=preview(draft, group, session),
    )
    return page, status


def _why_not(draft: Draft, group: Group) -> tuple[str, str] | None:
    """Which field keeps the message from being sent, and why."""
    if not group.readers:
        return "to", _("Nobody in this group can be written to.")
    try:
        check_languages(draft, group)
    except LanguageMissing as problem:
        return f"body_{problem.language}", language_missing(problem)
    return None


def _session(db: Session, key: Any) -> WorkshopSession | None:
    """The session that a form or an address names; 404 when there is none."""
    if not key:
        return None
    try:
        return seen_session(db, UUID(str(key)), WRITE_TO_GROUP)
    except ValueError:
        abort(404)


def _groups(db: Session, session: WorkshopSession) -> list[tuple[str, str]]:
    """The groups of a session with their sizes."""
    groups = groups_of_session(db, Audience("", session.id))
    return [(kind, group_text(kind, groups[kind])) for kind in OF_A_SESSION]
