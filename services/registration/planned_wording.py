"""How planned mail is put: what it is, to whom it goes, when, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from services.chassis.forms import Form
from services.registration.models import Registration
from services.registration.planned_mail import COVERED, NOBODY, SENT, TOO_LATE, UNCHANGED, zone_of
from services.registration.schedule import (
    AFTER_CLOSE,
    DAY_BEFORE,
    REMINDER,
    THREE_DAYS,
    offer_reminder,
)
from services.registration.sending_models import PlannedMail
from services.registration.wording import SessionWords

MAILS = {
    REMINDER: lazy_gettext("Reminder with time, place and what to bring"),
    AFTER_CLOSE: lazy_gettext("Roster when registration has closed"),
    THREE_DAYS: lazy_gettext("Roster three days before"),
    DAY_BEFORE: lazy_gettext("Roster the day before, only if it has changed"),
}
_WHY_NOT = {
    UNCHANGED: lazy_gettext("the roster had not changed"),
    COVERED: lazy_gettext("another roster went out in its stead"),
    NOBODY: lazy_gettext("there was nobody to remind"),
    TOO_LATE: lazy_gettext("too late, the session had begun"),
}
_REFUSALS = {
    "unknown": lazy_gettext("This mail is no longer planned."),
    "done": lazy_gettext("This mail has been dealt with already."),
    "past": lazy_gettext("This moment has passed. Choose a later one."),
    "begun": lazy_gettext("The session will have begun by then. Choose an earlier moment."),
    "night": lazy_gettext("Members get no mail at night. Choose a time from 8:00 to 20:59."),
}


@dataclass(frozen=True)
class PlannedLine:
    """A planned mail as the session's page shows it."""

    occasion: str
    what: str
    to_whom: str
    when: str
    state: str
    tone: str
    remark: str
    is_on: bool
    can_change: bool
    form: Form


@dataclass(frozen=True)
class OfferLine:
    """An offer that is out: when its reminder is, and its end."""

    name: str
    reminder: str
    until: str


def planned_line(
    row: PlannedMail,
    session: SessionWords,
    *,
    readers: int,
    form: Form,
    with_actors: bool,
    now: datetime,
) -> PlannedLine:
    """A planned mail in the reader's words; `readers` is how many it goes or went to."""
    state, tone = _state(row, now)
    return PlannedLine(
        occasion=row.occasion,
        what=str(MAILS[row.occasion]),
        to_whom=_to_whom(row, readers),
        when=session.moment(row.done_at or row.due_at),
        state=state,
        tone=tone,
        remark=_remark(row, readers, with_actors=with_actors),
        is_on=row.is_on,
        can_change=row.done_at is None,
        form=form,
    )


def offer_line(registration: Registration, session: SessionWords) -> OfferLine:
    """An offer that is out, in the reader's words."""
    since, until = registration.offered_at, registration.offered_until
    if since is None or until is None:
        raise ValueError("a registration without an offer has no deadline")
    planned = offer_reminder(since, until, zone_of(registration.session))
    if registration.offer_reminded_at:
        reminder = _("sent %(moment)s", moment=session.moment(registration.offer_reminded_at))
    else:
        reminder = session.moment(planned) if planned else _("none, the time is too short")
    return OfferLine(registration.name, str(reminder), session.moment(until))


def why_refused(reason: str) -> str:
    """Why a mail cannot be switched or moved so."""
    return str(_REFUSALS[reason])


def _state(row: PlannedMail, now: datetime) -> tuple[str, str]:
    if row.done_at is not None:
        return (_("Sent"), "good") if row.outcome == SENT else (_("Not sent"), "neutral")
    if not row.is_on:
        return _("Switched off"), "warn"
    return (_("Due now"), "info") if row.due_at <= now else (_("Planned"), "info")


def _remark(row: PlannedMail, readers: int, *, with_actors: bool) -> str:
    if row.outcome in _WHY_NOT:
        return str(_WHY_NOT[row.outcome])
    if row.occasion != REMINDER and row.done_at is None and not readers:
        return str(_("waits until somebody gets the roster"))
    if row.edited_by:
        return str(_("time set by %(name)s", name=row.edited_by if with_actors else _("staff")))
    return ""


def _to_whom(row: PlannedMail, readers: int) -> str:
    if row.occasion != REMINDER:
        return str(_("Those who get the roster"))
    if row.done_at is not None:
        return str(ngettext("%(num)d member", "%(num)d members", readers))
    return str(
        ngettext(
            "The member who is confirmed before then (%(num)d now)",
            "The members who are confirmed before then (%(num)d now)",
            readers,
        )
    )
