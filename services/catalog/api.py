"""The catalogue's JSON API: the public calendar, and workshops and sessions for staff."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, abort
from flask_smorest import Blueprint
from flask_smorest.pagination import PaginationParameters
from werkzeug.exceptions import HTTPException

from services.catalog import commands
from services.catalog.api_schemas import (
    SessionOut,
    SessionQuery,
    StaffSessionOut,
    WorkshopOut,
    session_answer,
    workshop_answer,
)
from services.catalog.models import Workshop, WorkshopSession
from services.catalog.queries import Filters, public_session, public_sessions, workshops_by_title
from services.catalog.refusals import NotFound, NotPublishable, Refusal
from services.catalog.schedule import DEFAULT_ZONE, today_in
from services.catalog.schemas import (
    Cancellation,
    NewSession,
    NewWorkshop,
    ReasonedChange,
    WorkshopInput,
    only_changes,
)
from services.catalog.staff_access import (
    placed,
    require_change,
    seen_session,
    seen_workshop,
    sees_workshop,
)
from services.catalog.words import reason_words
from services.chassis.access import allowed, require
from services.chassis.api import A_PROBLEM, STAFF, refuse
from services.chassis.areas import named
from services.chassis.errors import answer
from services.chassis.policy import (
    CANCEL_SESSIONS,
    EDIT_SESSIONS,
    EDIT_WORKSHOPS,
    PUBLISH_SESSIONS,
    READ_CALENDAR,
    SEE_WORKSHOPS,
)
from services.chassis.rules import Thing
from services.chassis.running import runtime
from services.chassis.staff import staff_member

sessions = Blueprint("api_sessions", __name__, url_prefix="/api/v1/sessions")
workshops = Blueprint("api_workshops", __name__, url_prefix="/api/v1/workshops")
api = [sessions, workshops]

Answer = dict[str, Any]


def on_refusal(refused: Refusal) -> Response:
    """A refused command as problem+json: 409, and for `not_ready` each reason by its code."""
    codes = refused.reasons if isinstance(refused, NotPublishable) else ()
    try:
        refuse(
            404 if isinstance(refused, NotFound) else 409,
            reason=refused.reason,
            message=reason_words(refused.reason),
            messages={code: [reason_words(code)] for code in codes},
        )
    except HTTPException as problem:
        return answer(problem)


for blueprint in api:
    blueprint.register_error_handler(Refusal, on_refusal)


@sessions.get("")
@allowed(READ_CALENDAR)
@sessions.arguments(SessionQuery(), location="query")
@sessions.response(200, SessionOut(many=True))
@sessions.paginate(page_size=50, max_page_size=100)
def list_sessions(
    query: dict[str, Any], pagination_parameters: PaginationParameters
) -> Sequence[Answer]:
    """The public calendar: published sessions, and cancelled ones marked as such."""
    now = datetime.now(UTC)
    wanted = _wanted(query, query.get("first") or today_in(DEFAULT_ZONE, now))
    page = pagination_parameters
    with runtime().database.reading() as db:
        count = sa.select(sa.func.count()).select_from(wanted.order_by(None).subquery())
        page.item_count = db.scalar(count) or 0
        if page.first_item >= page.item_count:
            return []
        rows = db.scalars(wanted.offset(page.first_item).limit(page.page_size)).all()
    return [_shown(row, now) for row in rows]


@sessions.get("/<uuid:session_id>")
@allowed(READ_CALENDAR)
@sessions.response(200, SessionOut)
@sessions.alt_response(404, description="No such session is public.", **A_PROBLEM)
def get_session(session_id: UUID) -> Answer:
    """One public session."""
    with runtime().database.reading() as db:
        session = public_session(db, session_id)
    if session is None:
        raise NotFound
    return _shown(session, datetime.now(UTC))


@sessions.post("")
@allowed(EDIT_SESSIONS)
@sessions.doc(security=STAFF)
@sessions.arguments(NewSession())
@sessions.response(201, StaffSessionOut)
def add_session(data: dict[str, Any]) -> Answer:
    """Make a draft of a dated session."""
    now, workshop_id = datetime.now(UTC), data.pop("workshop_id")
    with runtime().database.writing() as db:
        values = placed(db, data)
        require(EDIT_SESSIONS, Thing(areas=named(values["area"])))
        session = commands.create_session(db, workshop_id, values, actor=_who(), now=now)
        return _shown(session, now)


@sessions.patch("/<uuid:session_id>")
@allowed(EDIT_SESSIONS)
@sessions.doc(security=STAFF)
@sessions.arguments(only_changes(ReasonedChange), required=False)
@sessions.response(200, StaffSessionOut)
@sessions.alt_response(
    409, description="It is cancelled, or a reason or a needed fact is missing.", **A_PROBLEM
)
def change_session(data: dict[str, Any], session_id: UUID) -> Answer:
    """Change the fields given, and no others."""
    now, reason = datetime.now(UTC), data.pop("reason", "")
    with runtime().database.writing() as db:
        data = placed(db, data) if "area" in data else data
        require_change(db, session_id, data)
        session = commands.edit_session(db, session_id, data, actor=_who(), now=now, reason=reason)
        return _shown(session, now)


@sessions.post("/<uuid:session_id>/publish")
@allowed(PUBLISH_SESSIONS)
@sessions.doc(security=STAFF)
@sessions.response(200, StaffSessionOut)
@sessions.alt_response(409, description="It is not ready; `errors` names each reason.", **A_PROBLEM)
def publish_session(session_id: UUID) -> Answer:
    """Show a draft to the public and open its sign-up."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, PUBLISH_SESSIONS)
        session = commands.publish_session(db, session_id, actor=_who(), now=now)
        return _shown(session, now)


@sessions.post("/<uuid:session_id>/cancel")
@allowed(CANCEL_SESSIONS)
@sessions.doc(security=STAFF)
@sessions.arguments(Cancellation())
@sessions.response(200, StaffSessionOut)
@sessions.alt_response(409, description="It is not published.", **A_PROBLEM)
def cancel_session(data: dict[str, Any], session_id: UUID) -> Answer:
    """Cancel a published session; everybody concerned is told the reason."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_session(db, session_id, CANCEL_SESSIONS)
        session = commands.cancel_session(db, session_id, actor=_who(), now=now, **data)
        return _shown(session, now)


@workshops.get("")
@allowed(SEE_WORKSHOPS)
@workshops.doc(security=STAFF)
@workshops.response(200, WorkshopOut(many=True))
def list_workshops() -> Sequence[Answer]:
    """All workshops, those without dates among them."""
    with runtime().database.reading() as db:
        return [workshop_answer(each) for each in workshops_by_title(db) if sees_workshop(each)]


@workshops.post("")
@allowed(EDIT_WORKSHOPS)
@workshops.doc(security=STAFF)
@workshops.arguments(NewWorkshop())
@workshops.response(201, WorkshopOut)
def add_workshop(data: dict[str, Any]) -> Answer:
    """Make a workshop; it needs a title in one language at least."""
    with runtime().database.writing() as db:
        made = commands.create_workshop(db, data, actor=_who(), now=datetime.now(UTC))
        return workshop_answer(made)


@workshops.get("/<uuid:workshop_id>")
@allowed(SEE_WORKSHOPS)
@workshops.doc(security=STAFF)
@workshops.response(200, WorkshopOut)
def get_workshop(workshop_id: UUID) -> Answer:
    """One workshop."""
    with runtime().database.reading() as db:
        found = db.get(Workshop, workshop_id)
        if found is None:
            raise NotFound
        if not sees_workshop(found):
            abort(403)
        return workshop_answer(found)


@workshops.patch("/<uuid:workshop_id>")
@allowed(EDIT_WORKSHOPS)
@workshops.doc(security=STAFF)
@workshops.arguments(only_changes(WorkshopInput), required=False)
@workshops.response(200, WorkshopOut)
def change_workshop(data: dict[str, Any], workshop_id: UUID) -> Answer:
    """Change the texts given, on all dates of the workshop that lie ahead."""
    now = datetime.now(UTC)
    with runtime().database.writing() as db:
        seen_workshop(db, workshop_id)
        changed = commands.edit_workshop(db, workshop_id, data, actor=_who(), now=now)
        return workshop_answer(changed)


def _wanted(query: dict[str, Any], first: date) -> sa.Select[WorkshopSession]:
    online = {True: "yes", False: "no", None: ""}[query["online"]]
    filters = Filters(query["province"], online, query["language"], query["topic"])
    wanted = public_sessions(filters).where(WorkshopSession.last_day >= first)
    return wanted.where(WorkshopSession.first_day <= query["last"]) if "last" in query else wanted


def _shown(session: WorkshopSession, now: datetime) -> Answer:
    return session_answer(session, base_url=runtime().settings.base_url, now=now)


def _who() -> str:
    return staff_member().name
