"""How long what is kept, and why: the one table for the clock's purges and the privacy page."""

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.chassis.config import Settings

EVERY_SERVICE = "every service"


@dataclass(frozen=True)
class Kept:
    """One kind of data: where it is, for how long after what, and why so long.

    `days` is None where the operator's TURNOUT_RETENTION_MONTHS decides.
    """

    kind: str
    service: str
    what: str
    days: int | None
    since: str
    why: str

    def cutoff(self, settings: Settings, now: datetime) -> datetime:
        """What is older than this is forgotten."""
        if self.days is None:
            return months_before(now, settings.retention_months)
        return now - timedelta(days=self.days)


RETENTION = (
    Kept(
        "needs",
        "registration",
        "What somebody needs to take part (access, diet, child care)",
        30,
        "the workshop's last day",
        "Hosts settle their bills; after that nobody has a use for it.",
    ),
    Kept(
        "registrations",
        "registration",
        "Name, address, telephone, role, typed local and remarks of a registration; "
        "the local, the fee, the state and the dates stay, about nobody",
        None,
        "the workshop's last day",
        "Questions about fees, attendance and credits come up to two years later.",
    ),
    Kept(
        "roster_readers",
        "registration",
        "Who got a roster, and when they opened it",
        None,
        "the workshop's last day",
        "To tell who saw what, should a roster have gone astray.",
    ),
    Kept(
        "group_messages",
        "registration",
        "What staff wrote to a group",
        None,
        "it was sent",
        "As long as the registrations that it was about.",
    ),
    Kept(
        "tasks",
        "registration",
        "The words of a task that was settled: a mail server's answer, how it was settled",
        90,
        "it was settled",
        "As long as the mail that it was about.",
    ),
    Kept(
        "stored_answers",
        "registration",
        "The mark by which a form that was sent twice is known again",
        7,
        "the sign-up",
        "Browsers and programs repeat themselves within days, if ever.",
    ),
    Kept(
        "unused_addresses",
        "registration",
        "An address under which nobody is registered any more",
        30,
        "it was first used",
        "It is left over when staff correct an address.",
    ),
    Kept(
        "sign_ins",
        "registration",
        "In which browser a member of staff is signed in, since when, and when last seen",
        1,
        "it ended",
        "They see where they are signed in, and end what is not theirs.",
    ),
    Kept(
        "sign_in_tries",
        "registration",
        "How many wrong passwords came, and how many links to a new one were asked for, for an "
        "account or from a network address, under a mark that tells neither",
        1,
        "the last one",
        "So long guessing is slowed.",
    ),
    Kept(
        "requests",
        "registration",
        "What was put together for somebody who asked for their data, "
        "and a wish to be erased that was never confirmed",
        7,
        "it was asked for",
        "Time enough to fetch it.",
    ),
    Kept(
        "messages",
        "notify",
        "Every mail as it was sent, in the mail folder and in the database; not there a mail "
        "whose link is for its reader alone",
        90,
        "it was sent",
        "To answer what somebody was told.",
    ),
    Kept(
        "rosters",
        "notify",
        "A roster as it was sent, with names, telephones and addresses",
        30,
        "it was sent",
        "It serves the workshop's days; after them there is the list on the staff pages.",
    ),
    Kept(
        "mail_facts",
        "notify",
        "What a mail was written from",
        30,
        "the workshop's last day (a roster, an announcement: since it was asked for)",
        "Mail is sent again from it when an address is corrected.",
    ),
    Kept(
        "mail_servers_words",
        "notify",
        "What mail servers said of a try, and where it went",
        90,
        "the try",
        "As long as the mail itself.",
    ),
    Kept(
        "mail_reports",
        "notify",
        "What the provider reported later, in its words",
        90,
        "the report",
        "As long as the mail itself.",
    ),
    Kept(
        "mail_log",
        "notify",
        "To whom a mail went, under which subject; its kind, state and dates stay",
        None,
        "it was asked for",
        "As long as the registration that it was about.",
    ),
    Kept(
        "ended_stops",
        "notify",
        "That an address once got no mail, after mail goes there again",
        90,
        "its end",
        "To answer why something was not sent.",
    ),
    Kept(
        "told_events",
        EVERY_SERVICE,
        "What the services told each other, with names and addresses; that it was told stays",
        35,
        "the other service confirmed it",
        "After a restore from a backup, which is at most 35 days old, it is told again.",
    ),
    Kept(
        "acts",
        EVERY_SERVICE,
        "Who on the staff saw, took away or changed what; ids, and no words of members",
        731,
        "the act",
        "Two years, as long as a breach of somebody’s data must be accounted for.",
    ),
    Kept(
        "told_of_people",
        EVERY_SERVICE,
        "What the services told each other of somebody who asked for their data",
        1,
        "the other service confirmed it",
        "It is all that there is about a person, in one place.",
    ),
    Kept(
        "erasures",
        EVERY_SERVICE,
        "A hash of the address of somebody who was erased; when it was done stays",
        36,
        "it was asked for",
        "Until then an old event may come once more and bring them back.",
    ),
    Kept(
        "expired_tokens",
        EVERY_SERVICE,
        "The mark of a program's access token",
        35,
        "it expired",
        "To answer why a program is refused.",
    ),
    Kept(
        "ended_sign_ins",
        EVERY_SERVICE,
        "The number of a sign-in that was ended",
        1,
        "its cookie would have been too old anyway",
        "A copied cookie is refused.",
    ),
)


@dataclass(frozen=True)
class Turn:
    """When something is forgotten, and on which site."""

    settings: Settings
    now: datetime


@dataclass(frozen=True)
class Purge:
    """How one kind of data is forgotten, a small batch at a time.

    `due` selects the keys of what is older than a moment; `forget` lets go of some of them, so
    that `due` finds them no more.
    """

    kind: str
    due: Callable[[datetime], sa.Select[Any]]
    forget: Callable[[Session, Sequence[Any], Turn], None]


def purge_rows(kind: str, key: Any, moment: Any) -> Purge:
    """Whole rows of the table that the columns `key` and `moment` are of, by their moment."""

    def due(cutoff: datetime) -> sa.Select[Any]:
        return sa.select(key).where(moment < cutoff)

    def forget(db: Session, keys: Sequence[Any], _turn: Turn) -> None:
        db.execute(sa.delete(key.class_).where(key.in_(keys)))

    return Purge(kind, due, forget)


def kept_by(service: str) -> dict[str, Kept]:
    """The rows about one service, by their kind."""
    return {each.kind: each for each in RETENTION if each.service in (service, EVERY_SERVICE)}


def months_before(now: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last where it has no such day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    day = min(now.day, calendar.monthrange(year, month + 1)[1])
    return now.replace(year=year, month=month + 1, day=day)
