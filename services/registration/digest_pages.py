"""The digest's page: what the next one would tell, and whether one wants it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from services.chassis.access import allowed
from services.chassis.forms import read_form
from services.chassis.i18n import reader_language, say
from services.chassis.policy import GET_DIGEST
from services.chassis.running import runtime
from services.chassis.staff import staff_member
from services.documents.dates import day_text
from services.registration.digest import (
    TOLD,
    choose_digest,
    digest_to_come,
    next_digest_at,
    wants_digest,
)
from services.registration.schemas import SwitchInput
from services.registration.wording import local_moment

digest_pages = Blueprint("digest", __name__, url_prefix="/staff/digest")
_SAID: dict[str, Callable[[int], str]] = {
    "signed_up": lambda num: ngettext("%(num)d sign-up", "%(num)d sign-ups", num),
    "confirmed": lambda num: ngettext(
        "%(num)d confirmed from the waiting list", "%(num)d confirmed from the waiting list", num
    ),
    "offered": lambda num: ngettext("%(num)d offer made", "%(num)d offers made", num),
    "declined": lambda num: ngettext("%(num)d offer declined", "%(num)d offers declined", num),
    "lapsed": lambda num: ngettext("%(num)d offer lapsed", "%(num)d offers lapsed", num),
    "cancelled": lambda num: ngettext("%(num)d cancellation", "%(num)d cancellations", num),
    "left": lambda num: ngettext(
        "%(num)d left the waiting list", "%(num)d left the waiting list", num
    ),
    "closed": lambda num: ngettext(
        "%(num)d still waited when registration closed",
        "%(num)d still waited when registration closed",
        num,
    ),
    "moved_away": lambda num: ngettext(
        "%(num)d moved to another session", "%(num)d moved to another session", num
    ),
    "moved_here": lambda num: ngettext(
        "%(num)d moved here from another session", "%(num)d moved here from another session", num
    ),
    "rescheduled": lambda num: ngettext(
        "%(num)d change of date, time or place", "%(num)d changes of date, time or place", num
    ),
    "capacity_changed": lambda num: ngettext(
        "%(num)d change of the number of seats", "%(num)d changes of the number of seats", num
    ),
    "session_cancelled": lambda num: ngettext(
        "the session was cancelled", "the session was cancelled %(num)d times", num
    ),
}


@digest_pages.get("")
@allowed(GET_DIGEST)
def digest() -> str:
    """What the next digest would tell by now."""
    member, now = staff_member(), datetime.now(UTC)
    with runtime().database.reading() as db:
        found = digest_to_come(db, member.id, now)
        wanted = wants_digest(db, member.id)
    return render_template(
        "registration/digest.html",
        lines=[_shown(each) for each in found.sessions],
        open_tasks=found.open_tasks,
        since=local_moment(found.since),
        due=local_moment(next_digest_at(now)),
        wanted=wanted,
    )


@digest_pages.post("")
@allowed(GET_DIGEST)
def choose() -> Response:
    """Get the digest, or get it no more."""
    _typed, data = read_form(SwitchInput())
    if data is None:
        abort(400)
    with runtime().database.writing() as db:
        choose_digest(db, staff_member().id, wanted=data["is_on"], now=datetime.now(UTC))
    flash(_("You get the digest.") if data["is_on"] else _("You get no digest."), "success")
    return redirect(url_for("digest.digest"))


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    """A session as the table has it."""
    title, title_language = say(line["title"], reader_language())
    return line | {
        "title": title,
        "title_language": title_language,
        "first_day": day_text(line["first_day"], reader_language()),
        "changes": _change_words(line["changes"]),
    }


def _change_words(changes: Mapping[str, int]) -> list[str]:
    """What happened in a session, and how often."""
    return [_SAID[action](changes[action]) for action in TOLD if action in changes]
