"""What the nightly check found, for staff: what is wrong, since when, where, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from flask import Blueprint, render_template
from flask_babel import gettext as _

from services.chassis.access import allowed
from services.chassis.invariants import EVENT, MAIL, REGISTRATION, SESSION
from services.chassis.policy import SEE_DISCREPANCIES
from services.chassis.running import runtime
from services.registration.checking_models import Discrepancy
from services.registration.discrepancies import gone_lately, last_check, open_discrepancies
from services.registration.wording import local_moment

discrepancy_pages = Blueprint("discrepancies", __name__, url_prefix="/staff/discrepancies")

_PATHS = {
    SESSION: "/staff/sessions/{key}",
    REGISTRATION: "/staff/registrations/{key}",
    MAIL: "/staff/mail/{key}",
    EVENT: "/staff/events/{service}/",
}
"""Where each kind of thing is shown; an event only where it is parked, with its service."""


@dataclass(frozen=True)
class Line:
    """One row that does not add up; without a path it has no page."""

    what: str
    path: str
    since: str
    gone: str


@dataclass(frozen=True)
class Matter:
    """One thing that is wrong, what to do about it, and where it is so."""

    wrong: str
    cure: str
    lines: list[Line]


@discrepancy_pages.get("")
@allowed(SEE_DISCREPANCIES)
def discrepancies() -> str:
    """All that was found and is not gone, and what is gone lately."""
    with runtime().database.reading() as db:
        check = last_check(db)
        found, gone = open_discrepancies(db), gone_lately(db, datetime.now(UTC))
    return render_template(
        "registration/discrepancies.html",
        checked=local_moment(check.checked_at) if check else "",
        found=_matters(found),
        gone=_matters(sorted(gone, key=lambda each: each.name)),
    )


def _matters(rows: Iterable[Discrepancy]) -> list[Matter]:
    """Grouped by what is wrong, in the reader's language."""
    return [
        Matter(_(wrong), _(cure), [_line(each) for each in group])
        for (wrong, cure), group in groupby(rows, lambda each: (each.wrong, each.cure))
    ]


def _line(row: Discrepancy) -> Line:
    path = _PATHS.get(row.about, "").format(key=row.key, service=row.service)
    kinds = {
        SESSION: _("Session"),
        REGISTRATION: _("Registration"),
        MAIL: _("Message"),
        EVENT: _("Event"),
    }
    kind = kinds.get(row.about) or _("Events about")
    return Line(
        what=f"{kind} …{row.key[-8:]}",
        path="" if " " in path else path,
        since=local_moment(row.found_at),
        gone=local_moment(row.gone_at) if row.gone_at else "",
    )
