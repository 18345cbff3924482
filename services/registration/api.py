"""The JSON API of registration, over the same commands as the pages."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from services.chassis.access import allowed, sees
from services.chassis.api import A_PROBLEM, STAFF, refuse
from services.chassis.forms import Form
from services.chassis.limits import count_sign_up, count_try
from services.chassis.policy import ACT_ON_PLACE, GET_ROSTER, SEE_CONTACTS, SEE_PEOPLE, SIGN_UP
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.registration.answers import Answer, KeyUsedOtherwise, NotBookable, SignUp
from services.registration.choosing_local import choose_local
from services.registration.models import Registration
from services.registration.places import TooLate
from services.registration.queries import session_view
from services.registration.roster_pages import FORMATS, roster_file
from services.registration.rosters import roster_of
from services.registration.schemas import (
    CancelInput,
    RegistrationOut,
    RosterQuery,
    SignUpAnswer,
    SignUpHeaders,
    SignUpInput,
)
from services.registration.staff_access import seen_place, seen_session, thing_of
from services.registration.staff_actions import cancel_by_staff
from services.registration.together import sign_up_together
from services.registration.wording import refusal

ROSTER_FILE = {
    "description": "The roster as a file",
    "content": {
        content_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for _write, content_type in FORMATS.values()
    },
}
registrations_api = Blueprint(
    "registrations", __name__, url_prefix="/api/v1", description="Sign-ups and rosters"
)


@registrations_api.route("/sessions/<uuid:session_id>/registrations")
class Registrations(MethodView):
    """The registrations of a session."""

    @allowed(SIGN_UP)
    @registrations_api.arguments(SignUpHeaders(), location="headers")
    @registrations_api.arguments(SignUpInput())
    @registrations_api.response(201, SignUpAnswer)
    @registrations_api.alt_response(202, schema=SignUpAnswer, description="See the mail")
    @registrations_api.alt_response(404, description="No such session", **A_PROBLEM)
    @registrations_api.alt_response(409, description="The session takes no sign-ups", **A_PROBLEM)
    def post(
        self, headers: dict[str, str], data: dict[str, Any], session_id: UUID
    ) -> tuple[dict[str, Any], int]:
        """Sign somebody up; the link to manage the place goes by mail only."""
        count_try()
        entry = _entry(data)
        count_sign_up(entry.email)
        now = datetime.now(UTC)
        key = f"api:{headers['idempotency_key']}" if headers["idempotency_key"] else ""
        try:
            answer = sign_up_together(runtime().database, session_id, entry, key=key, now=now)
        except NotBookable as problem:
            status = 404 if problem.reason == "unknown" else 409
            refuse(status, reason=problem.reason, message=refusal(problem.reason))
        except KeyUsedOtherwise:
            refuse(409, reason="key_reused", message=refusal("key_reused"))
        is_hidden = answer.repeated or answer.by_mail
        return ({"status": "see_mail"}, 202) if is_hidden else (_answer(answer), 201)

    @allowed(SEE_PEOPLE)
    @registrations_api.response(200, RegistrationOut(many=True))
    @registrations_api.doc(security=STAFF)
    def get(self, session_id: UUID) -> list[dict[str, Any]]:
        """List everybody in a session, for staff."""
        with runtime().database.reading() as db:
            session = seen_session(db, session_id, SEE_PEOPLE)
            view = session_view(db, session)
        places = {each.id: place for place, each in enumerate(view.waiting, start=1)}
        hidden = {} if sees(SEE_CONTACTS, thing_of(session)) else {"email": ""}
        return [_row(each, places.get(each.id)) | hidden for each in view.everybody]


@registrations_api.route("/registrations/<uuid:registration_id>/cancel", methods=["POST"])
@allowed(ACT_ON_PLACE)
@registrations_api.arguments(CancelInput())
@registrations_api.response(200, RegistrationOut)
@registrations_api.alt_response(409, description="The place has ended already", **A_PROBLEM)
@registrations_api.doc(security=STAFF)
def cancel(data: dict[str, Any], registration_id: UUID) -> dict[str, Any]:
    """Cancel somebody's place, for staff."""
    actor, now = staff_member().name, datetime.now(UTC)
    try:
        with runtime().database.writing() as db:
            seen_place(db, registration_id, ACT_ON_PLACE)
            registration = cancel_by_staff(db, registration_id, actor=actor, **data, now=now)
    except TooLate as problem:
        refuse(409, reason=problem.reason, message=refusal(problem.reason))
    return _row(registration, None)


@registrations_api.route("/sessions/<uuid:session_id>/roster", methods=["GET"])
@allowed(GET_ROSTER)
@registrations_api.arguments(RosterQuery(), location="query")
@registrations_api.doc(security=STAFF, responses={200: ROSTER_FILE})
def roster(query: dict[str, str], session_id: UUID) -> Response:
    """Download the roster, for staff."""
    with runtime().database.reading() as db:
        seen_session(db, session_id, GET_ROSTER)
        document = roster_of(db, session_id, language=query["lang"], now=datetime.now(UTC))
    return roster_file(document, query["format"])


def _entry(data: dict[str, Any]) -> SignUp:
    form = Form()
    with runtime().database.reading() as db:
        entry = choose_local(db, data, form)
    if entry is None:
        refuse(422, messages={"json": form.errors})
    return entry


def _answer(answer: Answer) -> dict[str, Any]:
    words = {"confirmed": "confirmed", "waiting": "waitlisted"}
    state = answer.registration.state
    return {
        "id": answer.registration.id,
        "status": words.get(state, state),
        "place": answer.place,
    }


def _row(registration: Registration, place: int | None) -> dict[str, Any]:
    return {"registration": registration, "place": place, "email": registration.person.email}
