"""How registration's pages put things: dates, fees, states and refusals, in the reader's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from services.chassis.i18n import reader_language, say
from services.chassis.wall_clock import STAFF_ZONE
from services.documents.dates import Day, days_text, moment_text, schedule_text, zone_name
from services.documents.money import dollars_text
from services.registration.fees import FEDERATION_ZONE
from services.registration.history import MEMBER, TURNOUT
from services.registration.models import HistoryEntry, Registration, WorkshopSession
from services.registration.sending_models import RosterRecipient
from services.registration.telling import facts_of

STATES = {
    "waiting": lazy_gettext("waiting"),
    "offered": lazy_gettext("offered"),
    "confirmed": lazy_gettext("confirmed"),
    "declined": lazy_gettext("declined"),
    "lapsed": lazy_gettext("lapsed"),
    "cancelled": lazy_gettext("cancelled"),
    "left": lazy_gettext("left the line"),
    "closed": lazy_gettext("closed"),
}
TONES = {"confirmed": "good", "offered": "warn", "waiting": "waitlist"}
ACTIONS = {
    "confirm": lazy_gettext("Confirm"),
    "offer": lazy_gettext("Offer a seat"),
    "cancel": lazy_gettext("Cancel"),
    "move": lazy_gettext("Move to another session"),
    "hold": lazy_gettext("Hold back"),
    "release": lazy_gettext("Let them have their turn again"),
    "note": lazy_gettext("Write a note"),
}
HISTORY = {
    "signed_up": lazy_gettext("signed up"),
    "confirmed": lazy_gettext("confirmed"),
    "offered": lazy_gettext("was offered a seat"),
    "declined": lazy_gettext("declined the offer"),
    "lapsed": lazy_gettext("offer lapsed"),
    "cancelled": lazy_gettext("cancelled"),
    "left": lazy_gettext("left the line"),
    "closed": lazy_gettext("registration closed while they waited"),
    "repeated": lazy_gettext("signed up again with the same address"),
    "changed_details": lazy_gettext("changed their details"),
    "confirm_asked": lazy_gettext("confirmed by staff"),
    "offer_asked": lazy_gettext("offered a seat by staff"),
    "moved_away": lazy_gettext("moved to another session"),
    "moved_here": lazy_gettext("moved here from another session"),
    "held_back": lazy_gettext("held back"),
    "released": lazy_gettext("no longer held back"),
    "noted": lazy_gettext("note"),
    "rescheduled": lazy_gettext("date, time or place changed"),
    "session_cancelled": lazy_gettext("session cancelled"),
    "roster_sent": lazy_gettext("roster sent"),
    "recipient_added": lazy_gettext("somebody was added to those who get the roster"),
    "recipient_removed": lazy_gettext("somebody no longer gets the roster"),
    "capacity_changed": lazy_gettext("number of seats changed"),
    "message_sent": lazy_gettext("message sent to a group"),
    "did_not_come": lazy_gettext("did not come"),
    "came": lazy_gettext("came after all"),
    "announcements_agreed": lazy_gettext("agreed to announcements"),
    "announcements_ended": lazy_gettext("wants no more announcements"),
    "mail_failed": lazy_gettext("a mail did not arrive"),
    "readdressed": lazy_gettext("e-mail address corrected"),
    "erased": lazy_gettext("data erased"),
    "task_settled": lazy_gettext("task settled"),
    "reminder_on": lazy_gettext("reminder switched on"),
    "reminder_off": lazy_gettext("reminder switched off"),
    "reminder_moved": lazy_gettext("time of the reminder changed"),
    "after_close_on": lazy_gettext("roster after closing switched on"),
    "after_close_off": lazy_gettext("roster after closing switched off"),
    "after_close_moved": lazy_gettext("time of the roster after closing changed"),
    "three_days_on": lazy_gettext("roster three days before switched on"),
    "three_days_off": lazy_gettext("roster three days before switched off"),
    "three_days_moved": lazy_gettext("time of the roster three days before changed"),
    "day_before_on": lazy_gettext("roster of the day before switched on"),
    "day_before_off": lazy_gettext("roster of the day before switched off"),
    "day_before_moved": lazy_gettext("time of the roster of the day before changed"),
}


SERVICE_WORDS = {
    "catalog": lazy_gettext("Workshops and who leads them"),
    "registration": lazy_gettext("Places and what happened to them"),
    "notify": lazy_gettext("Mail"),
}
"""What each service keeps, for readers who need not know of services."""

RECIPIENT_ROLES = {
    "facilitator": lazy_gettext("facilitator"),
    "host": lazy_gettext("host"),
    "added": lazy_gettext("added by staff"),
}


_MOST_NAMED = 5


class SessionWords:
    """A session in the reader's language, for templates."""

    def __init__(self, session: WorkshopSession) -> None:
        self.id = session.id
        self.status = session.status
        self.capacity = session.capacity
        self._facts = facts_of(session)
        self._language = reader_language()
        self.title, self.title_language = say(self._facts["title"], self._language)

    @property
    def untranslated(self) -> str:
        """A word to the reader when the title is in the other language only."""
        if self.title_language == self._language:
            return ""
        return str(_("in English only") if self.title_language == "en" else _("in French only"))

    @property
    def dates(self) -> str:
        """The days, written for people."""
        return days_text([day["date"] for day in self._facts["days"]], self._language)

    @property
    def schedule(self) -> tuple[str, ...]:
        """Days with their hours, and the zone where a reader could take it for another."""
        lines = schedule_text([Day(**day) for day in self._facts["days"]], self._language)
        timed = any(day["starts"] for day in self._facts["days"])
        named = timed and (self._facts["online"] or self._is_far)
        return tuple(f"{line} ({self._zone_name})" for line in lines) if named else lines

    @property
    def place(self) -> str:
        """Where it is."""
        if self._facts["online"]:
            return str(_("Online"))
        return ", ".join(each for each in (self._facts["place"], self._facts["room"]) if each)

    @property
    def join_link(self) -> str:
        """For the confirmed alone."""
        return str(self._facts["join_link"])

    @property
    def bring(self) -> list[str]:
        """What to bring, a line each."""
        return [each for each in say(self._facts["bring"], self._language)[0].splitlines() if each]

    @property
    def prerequisites(self) -> str:
        """What must come before."""
        return say(self._facts["prerequisites"], self._language)[0]

    @property
    def fees(self) -> str:
        """What a place costs, by affiliation."""
        affiliate, other = self._facts["fee_affiliate_cents"], self._facts["fee_other_cents"]
        if affiliate == other:
            return money(affiliate)
        words: str = _(
            "%(affiliate)s for members of affiliated locals, %(other)s for others",
            affiliate=money(affiliate),
            other=money(other),
        )
        return words

    def moment(self, moment: datetime) -> str:
        """An instant in the session's own zone, which is named where it is not ours."""
        text = moment_text(moment, self._facts["zone"], self._language)
        return f"{text} ({self._zone_name})" if self._is_far else text

    @property
    def _is_far(self) -> bool:
        return bool(self._facts["zone"] != FEDERATION_ZONE)

    @property
    def _zone_name(self) -> str:
        return zone_name(self._facts["zone"], self._language)


@dataclass(frozen=True)
class HistoryLine:
    """An entry of the history in the reader's words, as the `timeline` macro shows it."""

    when: str
    what: str
    by: str
    reason: str


def history_lines(
    entries: Iterable[HistoryEntry],
    session: SessionWords,
    *,
    names: Mapping[UUID, str] = MappingProxyType({}),
    with_actors: bool = True,
    with_reasons: bool = True,
) -> list[HistoryLine]:
    """The history as a page shows it; `names` tells whom an entry is about."""
    return [
        HistoryLine(
            when=session.moment(entry.at),
            what=" ".join(_about(entry, names)),
            by=_by(entry.actor, with_actors=with_actors),
            reason=entry.reason if with_reasons else "",
        )
        for entry in entries
    ]


def _by(actor: str, *, with_actors: bool) -> str:
    if actor in (MEMBER, TURNOUT):
        return ""
    return actor if with_actors else str(_("staff"))


def _about(entry: HistoryEntry, names: Mapping[UUID, str]) -> Iterator[str]:
    if entry.registration_id is not None and entry.registration_id in names:
        yield f"{names[entry.registration_id]}:"
    yield str(HISTORY.get(entry.action, entry.action))


def names_text(people: Sequence[Registration] | Sequence[RosterRecipient]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(each.name for each in people[:_MOST_NAMED])
    more = len(people) - _MOST_NAMED
    if more <= 0:
        return shown
    words: str = ngettext("%(names)s and one more", "%(names)s and %(num)d more", more, names=shown)
    return words


def local_moment(moment: datetime) -> str:
    """When something happened, by the clock on the wall of most of the staff."""
    return moment_text(moment, STAFF_ZONE, reader_language())


def money(cents: int) -> str:
    """An amount as the reader writes it; nothing is "free"."""
    if cents == 0:
        return str(_("Free"))
    return dollars_text(cents, reader_language())


def place_words(place: int) -> str:
    """A place in line, as an ordinal for the first ten."""
    ordinals = [
        _("first"), _("second"), _("third"), _("fourth"), _("fifth"),
        _("sixth"), _("seventh"), _("eighth"), _("ninth"), _("tenth"),
    ]  # fmt: skip
    if place <= len(ordinals):
        return str(ordinals[place - 1])
    return str(_("number %(place)d", place=place))


def refusal(reason: str) -> str:
    """Why something cannot be done."""
    words: dict[str, Any] = {
        "unknown": _("There is no such session. It may have been taken off the calendar."),
        "cancelled": _("This session has been cancelled."),
        "past": _("This session has already begun or is over."),
        "closed": _("Registration for this session has closed."),
        "expired": _("The offer has ended, and the seat went to the next in line."),
        "lapsed": _("The offer has ended, and the seat went to the next in line."),
        "declined": _("You have declined this offer already."),
        "waiting": _("There is no offer yet: you are still in line."),
        "confirmed": _("This place is confirmed already."),
        "left": _("You have left the line."),
        "place_cancelled": _("This place has been cancelled."),
        "over_capacity": _("No seat is free. Tick “one more than the capacity” if you mean it."),
        "not_begun": _("This session has not begun yet."),
        "same_session": _("Choose another session to move to."),
        "target_closed": _("The other session cannot take anybody any more."),
        "already_there": _("They have a place in the other session already."),
        "there_already": _("Somebody with this address gets the roster already."),
        "gone_already": _("They no longer get the roster; somebody else has removed them."),
        "unknown_staff": _("There is no such staff account any more."),
        "same_address": _("This is the address that they have already."),
        "address_taken": _(
            "Somebody with this address has a place in the same session already. "
            "Cancel one of the two places first."
        ),
        "key_reused": _("This key was used with another sign-up."),
        "no_such_path": _("That does not fit the present state of this place."),
    }
    return str(words.get(reason, _("That is no longer possible.")))
