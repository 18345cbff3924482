"""What must be true between the services: only here are facts of two of them compared."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from services.catalog.invariants import seats_shown
from services.chassis.delivery_invariants import events_confirmed_by, events_received_from
from services.chassis.invariants import (
    EVENT,
    REGISTRATION,
    SESSION,
    Found,
    invariant,
    message,
)
from services.contracts import SERVICES
from services.notify.invariants import mailed_about, settled_mail_about, told_of_places
from services.registration.invariants import all_places, settled_places, settled_seats

Databases = Mapping[str, Session]
"""All three, by the services' names."""

_SEND_AGAIN = message(
    "If a database was restored, ask whoever runs the site to send the events since then again."
)

_LOOK_FOR_EVENTS = message(
    "See whether an event about it waits or is parked; if none is, tell the developers."
)


@invariant(
    "I10",
    EVENT,
    wrong=message("An event was confirmed by a service that has no trace of it."),
    cure=_SEND_AGAIN,
)
def confirmed_events_have_arrived(dbs: Databases, now: datetime) -> Found:
    """Each event that a subscriber confirmed is in its inbox."""
    for producer in SERVICES:
        for subscriber in set(SERVICES) - {producer}:
            confirmed = events_confirmed_by(dbs[producer], subscriber, now)
            yield from confirmed - events_received_from(dbs[subscriber], producer)


@invariant(
    "I11",
    REGISTRATION,
    wrong=message("Somebody is confirmed and there is no mail that says so."),
    cure=message("Write to the person that they have a seat, and tell the developers."),
)
def the_confirmed_have_mail(dbs: Databases, now: datetime) -> Found:
    """For each confirmed place there is a mail that says so, in whatever state."""
    places = settled_places(dbs["registration"], now)
    confirmed = {key for key, state in places.items() if state == "confirmed"}
    return confirmed - mailed_about(dbs["notify"], "confirmed", "moved")


@invariant(
    "I11",
    REGISTRATION,
    wrong=message("There is a mail about a place that does not exist."),
    cure=_SEND_AGAIN,
)
def mail_is_about_places(dbs: Databases, now: datetime) -> Found:
    """Each mail about a place is about one that there is."""
    return settled_mail_about(dbs["notify"], now) - all_places(dbs["registration"])


@invariant(
    "I12",
    REGISTRATION,
    wrong=message("The state that mail goes by is not the state of the place."),
    cure=_LOOK_FOR_EVENTS,
)
def mail_goes_by_the_state(dbs: Databases, now: datetime) -> Found:
    """What notify has heard of each place is what it is, but for one left by a move."""
    told = told_of_places(dbs["notify"])  # First: what changes after it is not settled.
    for key, state in settled_places(dbs["registration"], now).items():
        if key not in told or (told[key].status != state and not told[key].ended):
            yield key


@invariant(
    "I13",
    SESSION,
    wrong=message("The calendar shows other numbers of seats than there are."),
    cure=_LOOK_FOR_EVENTS,
)
def the_calendar_shows_the_seats(dbs: Databases, now: datetime) -> Found:
    """The catalogue's numbers of seats are registration's."""
    shown = seats_shown(dbs["catalog"])  # First, for the same reason.
    for key, seats in settled_seats(dbs["registration"], now).items():
        if key not in shown or vars(shown[key]) != vars(seats):
            yield key


JOINED_INVARIANTS = (
    confirmed_events_have_arrived,
    the_confirmed_have_mail,
    mail_is_about_places,
    mail_goes_by_the_state,
    the_calendar_shows_the_seats,
)
