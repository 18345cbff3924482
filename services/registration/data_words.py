"""What was found of somebody, in the words of its reader, for pages and files."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from services.chassis.i18n import reader_language, say
from services.documents.dates import day_text
from services.registration.wording import HISTORY, RECIPIENT_ROLES, STATES, local_moment, money

HEADINGS = {
    "address": lazy_gettext("Your address"),
    "places": lazy_gettext("Your places"),
    "needs": lazy_gettext("What you need to take part"),
    "history": lazy_gettext("What happened to your places"),
    "tasks": lazy_gettext("What staff had to see to"),
    "rosters": lazy_gettext("Rosters that you got"),
    "mail": lazy_gettext("Mail to you"),
    "stops": lazy_gettext("Mail that is not sent to you"),
    "contacts": lazy_gettext("Sessions that you lead or host"),
}
LABELS = {
    "action": lazy_gettext("What happened"),
    "announcements_since": lazy_gettext("Agreed to announcements"),
    "at": lazy_gettext("When"),
    "auto_confirm": lazy_gettext("Confirm automatically"),
    "by": lazy_gettext("By"),
    "confirmed_at": lazy_gettext("Confirmed"),
    "created_at": lazy_gettext("Known since"),
    "done_at": lazy_gettext("Settled"),
    "email": lazy_gettext("E-mail"),
    "ended_at": lazy_gettext("Ended"),
    "fee_cents": lazy_gettext("Fee"),
    "first_day": lazy_gettext("First day"),
    "hold_reason": lazy_gettext("Held back because"),
    "joined_at": lazy_gettext("Signed up"),
    "mail_arrived_at": lazy_gettext("A mail last arrived"),
    "mail_failed_at": lazy_gettext("A mail last failed"),
    "mail_failure": lazy_gettext("Why it failed"),
    "name": lazy_gettext("Name"),
    "no_show": lazy_gettext("Did not come"),
    "offered_at": lazy_gettext("Offered a seat"),
    "offered_until": lazy_gettext("Answer by"),
    "opened": lazy_gettext("Opened"),
    "organisation_name": lazy_gettext("Local"),
    "outcome": lazy_gettext("How it was settled"),
    "phone": lazy_gettext("Telephone"),
    "phone_on_roster": lazy_gettext("The facilitator may see it"),
    "reason": lazy_gettext("Reason"),
    "removed_at": lazy_gettext("Removed"),
    "role": lazy_gettext("Role"),
    "sent_at": lazy_gettext("Sent"),
    "session": lazy_gettext("Session"),
    "since": lazy_gettext("Since"),
    "state": lazy_gettext("State"),
    "subject": lazy_gettext("Subject"),
    "text": lazy_gettext("Text"),
    "until": lazy_gettext("Until"),
    "words": lazy_gettext("Words"),
}
"""A field without a label is in the file alone: it is a code that says nothing to a reader."""

MAIL_STATES = {
    "held": lazy_gettext("Held until somebody decides"),
    "queued": lazy_gettext("Waiting to be sent"),
    "sending": lazy_gettext("Being sent"),
    "unknown": lazy_gettext("In doubt"),
    "failed": lazy_gettext("Failed"),
    "accepted": lazy_gettext("Sent"),
    "delivered": lazy_gettext("Delivered"),
    "bounced": lazy_gettext("Bounced"),
    "dropped": lazy_gettext("Dropped by the provider"),
    "suppressed": lazy_gettext("Held back: the address gets no mail"),
    "superseded": lazy_gettext("Replaced by newer news"),
}
"""As notify puts them; its rows come as it keeps them."""

ACTORS = {
    "member": lazy_gettext("yourself"),
    "staff": lazy_gettext("staff"),
    "turnout": lazy_gettext("Turnout, by itself"),
}
_CODES = {
    "state": MAIL_STATES | STATES,
    "action": HISTORY,
    "role": RECIPIENT_ROLES,
    "by": ACTORS,
}


@dataclass(frozen=True)
class Section:
    """One kind of data: its rows as pairs of label and value."""

    heading: str
    rows: list[list[tuple[str, Any]]]


def sections(found: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> list[Section]:
    """Everything that was found, the places first, as `facts` in templates takes it."""
    kinds = {kind: rows for each in found.values() for kind, rows in each.items()}
    return [
        Section(str(heading), [list(_pairs(row)) for row in kinds[kind]])
        for kind, heading in HEADINGS.items()
        if kinds.get(kind)
    ]


def _pairs(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if name in LABELS and value not in (None, "", [], False):
            yield str(LABELS[name]), _value(name, value)


def _value(name: str, value: Any) -> Any:
    if value is True:
        return _("yes")
    if name in _WRITTEN:
        return _WRITTEN[name](value)
    if isinstance(value, dict):
        return say(value, reader_language())[0]
    if not isinstance(value, str):
        return value
    return str(_CODES.get(name, {}).get(value, "")) or _moment(value) or value


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text), reader_language())


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


_WRITTEN: dict[str, Callable[[Any], Any]] = {"fee_cents": money, "first_day": _day, "text": _lines}


def _moment(text: str) -> str:
    """A moment in words, by the clock of the federation; empty for any other text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        return ""
    return local_moment(moment)
