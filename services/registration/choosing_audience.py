"""From what staff typed to the area or local that an announcement goes to, and back to its name."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from services.chassis.access import may_now
from services.chassis.areas import named
from services.chassis.forms import Form
from services.chassis.policy import WRITE_TO_GROUP
from services.chassis.rules import Thing
from services.registration.audiences import CLUSTER, Audience, area_of
from services.registration.directory import (
    Found,
    areas_of_locals,
    find_organisation,
    organisation_by_id,
)
from services.registration.message_schemas import (
    audience_of,
    choice_of_area,
    choice_of_local,
)
from services.registration.queries import organisations


def names_to_choose(db: Session) -> list[str]:
    """The areas and locals that the reader may write to, as they see and type them."""
    areas = [each for each in areas_of_locals(db) if _may_write_in(each)]
    locals_ = [each.label for each in organisations(db) if _may_write_in(each.area)]
    return [*map(area_text, areas), *locals_]


def is_within_reach(db: Session, audience: Audience) -> bool:
    """Whether the reader may write to a local or an area."""
    return _may_write_in(area_of(db, audience))


def _may_write_in(area: str) -> bool:
    return may_now(WRITE_TO_GROUP, Thing(areas=named(area)))


def area_text(area: str) -> str:
    """The name that an area has among the locals."""
    return str(_("Area: %(area)s", area=area))


def name_of_choice(db: Session, to: str) -> str:
    """What the field shows for a choice that was made; what was typed where none was."""
    audience = audience_of({"to": to, "session_id": None})
    if audience is None:
        return to
    if audience.kind == CLUSTER:
        return area_text(audience.area)
    organisation = organisation_by_id(db, audience.organisation_id)
    return organisation.label if organisation else ""


def choose_audience(db: Session, data: dict[str, Any], form: Form) -> bool:
    """Put the choice in the place of what was typed; False, said on the form, if it is unsure.

    A group that the reader may not write to is refused in the same way.
    """
    if not _is_clear(db, data, form):
        return False
    audience = audience_of(data)
    if audience is None or is_within_reach(db, audience):
        return True
    form.refuse("to", _("This local or area is not in your areas."))
    return False


def _is_clear(db: Session, data: dict[str, Any], form: Form) -> bool:
    typed = data["to"]
    if audience_of(data) is not None:
        return True
    area = _area(areas_of_locals(db), typed)
    found = Found(None) if area else find_organisation(db, typed)
    if area is None and found.sure is None:
        form.refuse("to", _unsure(found))
        return False
    choice = choice_of_local(found.sure.id) if found.sure else choice_of_area(area or "")
    data["to"] = form.values["to"] = choice
    return True


def _area(areas: Sequence[str], typed: str) -> str | None:
    wanted = typed.casefold()
    named = (each for each in areas if wanted in (each.casefold(), area_text(each).casefold()))
    return next(named, None)


def _unsure(found: Found) -> str:
    if not found.suggestions:
        return str(_("There is no such local or area. Please choose from the list."))
    labels = "; ".join(each.label for each in found.suggestions)
    return str(_("Which one do you mean: %(labels)s?", labels=labels))
