"""The page of a local's people, for its officers, and the same as a table to keep."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import Blueprint, Response, abort, render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.chassis.access import allowed, own_areas, require
from services.chassis.areas import named
from services.chassis.policy import EXPORT_LOCAL_PEOPLE, SEE_LOCAL_PEOPLE
from services.chassis.rules import Action, Thing
from services.chassis.running import runtime
from services.documents.csv_file import BYTE_ORDER_MARK, csv_lines
from services.registration.local_people import people_of
from services.registration.models import Organisation, Registration
from services.registration.wording import STATES, TONES, SessionWords

local_people_pages = Blueprint(
    "local_people", __name__, url_prefix="/staff/organisations/<uuid:organisation_id>"
)


@dataclass(frozen=True)
class PersonLine:
    """One person's place as their local may know it: no address, no need, no note."""

    name: str
    role: str
    session: SessionWords
    state: str
    tone: str

    @property
    def cells(self) -> list[str]:
        """The same as a row of a table."""
        words = self.session
        return [self.name, self.role, words.title, words.dates, words.place, self.state]


@local_people_pages.get("/people")
@allowed(SEE_LOCAL_PEOPLE)
def people(organisation_id: UUID) -> str:
    """Who of the local has signed up for what."""
    with runtime().database.reading() as db:
        local = _seen_local(db, organisation_id, SEE_LOCAL_PEOPLE)
        lines = _lines(db, local, SEE_LOCAL_PEOPLE)
    return render_template("registration/local_people.html", local=local, lines=lines)


@local_people_pages.get("/people.csv")
@allowed(EXPORT_LOCAL_PEOPLE)
def export(organisation_id: UUID) -> Response:
    """The same as a table."""
    with runtime().database.reading() as db:
        local = _seen_local(db, organisation_id, EXPORT_LOCAL_PEOPLE)
        lines = _lines(db, local, EXPORT_LOCAL_PEOPLE)
    headings = [_("Name"), _("Role"), _("Workshop"), _("When"), _("Place"), _("State")]
    content = BYTE_ORDER_MARK + csv_lines([headings, *(each.cells for each in lines)])
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response(content, headers=headers, content_type="text/csv; charset=utf-8")


def _seen_local(db: Session, organisation_id: UUID, action: Action) -> Organisation:
    local = db.get(Organisation, organisation_id)
    if local is None:
        abort(404)
    require(action, Thing(areas=named(local.area), organisation_id=local.id))
    return local


def _lines(db: Session, local: Organisation, action: Action) -> list[PersonLine]:
    rows = people_of(db, local.id, areas=own_areas(action), now=datetime.now(UTC))
    return [_line(each) for each in rows]


def _line(registration: Registration) -> PersonLine:
    state = registration.state
    return PersonLine(
        name=registration.name,
        role=registration.role,
        session=SessionWords(registration.session),
        state=str(STATES[state]),
        tone=TONES.get(state, "neutral"),
    )
