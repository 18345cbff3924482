"""Invitations to a workshop: iCalendar objects that a member's calendar takes by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Event, vCalAddress
from icalendar.enums import CUTYPE, PARTSTAT, ROLE, STATUS

from services.documents.calendar_file import (
    CalendarEntry,
    aware,
    block,
    calendar_object,
    days_in_order,
    finished,
)
from services.documents.dates import Day
from services.documents.labels import labels_in
from services.documents.printable import one_line

DAY_BEFORE = timedelta(days=-1)
MORNING_BEFORE = timedelta(hours=-15)
"""An alarm for a whole day, which begins at midnight: at nine on the day before."""


@dataclass(frozen=True)
class Party:
    """Somebody whom an invitation names."""

    name: str
    address: str


_BLANK = "blank"
_ANYBODY = Party("", "blank")
_ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """One person's place in a workshop; `language` is that of the alarm's words.

    The workshop is one object with one UID, as RFC 5546 wants of a request: its first day is
    the event, each further day another occurrence of it. A change sends the whole set again
    with a higher sequence, so that a day that was taken away disappears.
    """

    entry: CalendarEntry
    organiser: Party
    attendee: Party
    language: str


def request_file(invitation: Invitation, *, stamp: datetime) -> bytes:
    """Put the workshop into the attendee's calendar, or change what is there (RFC 5546, 3.2.2).

    It is written once for all who are invited, with blank lines where theirs go.
    """
    anybodys = replace(invitation.entry, uid=_BLANK)
    file, blanks = _request_form(replace(invitation, entry=anybodys, attendee=_ANYBODY))
    own = _own_lines(invitation.entry.uid, invitation.attendee, stamp)
    for blank, line in zip(blanks, own, strict=True):
        file = file.replace(blank, line)
    return file


def cancel_file(invitation: Invitation, *, stamp: datetime) -> bytes:
    """Take all its days out again (RFC 5546, 3.2.5); its sequence is one more than sent before."""
    entry = invitation.entry
    first = days_in_order(entry)[0]
    event = block(entry, first, uid=_uid(entry), stamp=stamp, status=STATUS.CANCELLED, later=1)
    _add_people(event, invitation)
    return finished(calendar_object("CANCEL"), [event])


@lru_cache(maxsize=64)
def _request_form(invitation: Invitation) -> tuple[bytes, Sequence[bytes]]:
    """The file for this attendee at any time, and which of its lines are to be filled in."""
    file = finished(calendar_object("REQUEST"), _blocks(invitation, _ANY_TIME))
    return file, _own_lines(invitation.entry.uid, invitation.attendee, _ANY_TIME)


def _own_lines(uid: str, attendee: Party, stamp: datetime) -> Sequence[bytes]:
    """The lines of an event that are one attendee's own, with the line ends around them.

    What somebody wrote, a title above all, can have no line end before it.
    """
    event = Event()
    event.add("uid", one_line(uid))
    event.add("dtstamp", aware(stamp))
    event.attendees = [_attendee(attendee)]
    _begin, *lines, _end, _empty = event.content_lines()
    return [b"\r\n%b\r\n" % line.to_ical() for line in lines]


def _blocks(invitation: Invitation, stamp: datetime) -> Iterator[Event]:
    entry = invitation.entry
    first, *others = days_in_order(entry)
    for day in (first, *others):
        event = block(entry, day, uid=_uid(entry), stamp=stamp, status=STATUS.CONFIRMED)
        _add_people(event, invitation)
        if day is not first:
            event.add("recurrence-id", _anchor(entry, first, day))
        elif others:
            event.add("rdate", [_anchor(entry, first, other) for other in others])
        if day.date - timedelta(days=1) not in {each.date for each in entry.days}:
            event.add_component(_alarm(invitation, day))
        yield event


def _anchor(entry: CalendarEntry, first: Day, day: Day) -> date | datetime:
    """Which occurrence a day is: its date at the first day's start, as the first day counts."""
    if first.starts is None:
        return day.date
    return datetime.combine(day.date, first.starts, ZoneInfo(entry.zone))


def _uid(entry: CalendarEntry) -> str:
    return one_line(entry.uid)


def _add_people(event: Event, invitation: Invitation) -> None:
    """Who invites whom; the seat is confirmed with us, so nobody is asked to answer."""
    organiser = invitation.organiser
    event.organizer = vCalAddress.new(
        one_line(organiser.address), cn=one_line(organiser.name) or None
    )
    event.attendees = [_attendee(invitation.attendee)]


def _attendee(attendee: Party) -> vCalAddress:
    return vCalAddress.new(
        one_line(attendee.address),
        cn=one_line(attendee.name) or None,
        cutype=CUTYPE.INDIVIDUAL,
        role=ROLE.REQ_PARTICIPANT,
        partstat=PARTSTAT.ACCEPTED,
        rsvp=False,
    )


def _alarm(invitation: Invitation, day: Day) -> Alarm:
    """A word the day before; none within a row of days, when people sit in the workshop."""
    words = labels_in(invitation.language)["tomorrow"]
    text = words.format(title=one_line(invitation.entry.title))
    return Alarm.new_display(text, MORNING_BEFORE if day.starts is None else DAY_BEFORE)
