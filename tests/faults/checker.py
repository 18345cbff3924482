"""Joins what was seen from outside with the databases, and counts what is not as it must be.

It knows the witness' files and the tables; nothing of the load, and nothing of the product's
code.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.faults.tables import Tables, read_tables
from tests.faults.witness import CANCEL, NO_ANSWER, SIGN_UP, Answer, Mail, Span, Witness, plain

LATE_AFTER_SECONDS = 60
HOLDING = ("confirmed", "offered")
LIVE = (*HOLDING, "waiting")
KEPT = (*LIVE, "lapsed")
"""An offer that ran out was kept as long as it was said."""
CONFLICT = 409
OUT = ("accepted", "delivered", "bounced", "dropped")
SUPERSEDED, HELD = "superseded", "held"


@dataclass
class Tally:
    """One fault's numbers; `lost`, `doubled`, `untrue`, `oversold` and `offences` must be empty.

    `offences` are what `turnout reconcile` finds that it did not find before.

    `unknown` are mails in the named window, marked on their row; `window_copies` second copies
    of those. `late` came more than a minute after their answer or the fault's end.
    """

    accepted: int = 0
    refused: int = 0
    broken: int = 0
    unanswered_tries: int = 0
    mails: int = 0
    p99_ms: float = 0
    slowest_ms: float = 0
    recovered_s: float = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    oversold: list[str] = field(default_factory=list)
    offences: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    window_copies: list[str] = field(default_factory=list)

    @property
    def wrongs(self) -> dict[str, list[str]]:
        """What no fault excuses."""
        names = ("lost", "doubled", "untrue", "oversold", "offences")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def check(witness: Witness, databases: Mapping[str, str], session: str) -> Tally:
    """Count for one session, whose members and mails are its own."""
    answers = witness.answers(session)
    tables = read_tables(databases, session)
    copies: dict[str, list[Mail]] = defaultdict(list)
    for mail in witness.mails():
        copies[mail.mail_id].append(mail)
    tally = Tally()
    _time(tally, answers)
    _check_answers(tally, answers, tables)
    _check_seats(tally, tables)
    _check_events(tally, tables)
    _check_mails(tally, tables, copies)
    _check_members_have_mail(tally, answers, copies)
    _check_lateness(tally, witness.span(session), answers, tables, copies)
    return tally


def _time(tally: Tally, answers: list[Answer]) -> None:
    tries = [status for each in answers for status in each.statuses]
    tally.broken = sum(status >= 500 for status in tries)
    tally.unanswered_tries = tries.count(NO_ANSWER)
    times = sorted(ms for each in answers for ms in each.milliseconds)
    if times:
        tally.p99_ms, tally.slowest_ms = times[int(len(times) * 0.99)], times[-1]


def _check_answers(tally: Tally, answers: list[Answer], tables: Tables) -> None:
    """Whoever was told something must find it so."""
    gone = {each.registration for each in answers if each.what == CANCEL and _took_effect(each)}
    for each in answers:
        if each.what == SIGN_UP and each.is_accepted:
            tally.accepted += 1
        elif each.what == SIGN_UP:
            tally.refused += 1
        if not each.is_accepted or not each.registration:
            continue
        row = tables.registrations.get(each.registration)
        if row is None:
            tally.lost.append(f"{each.email or each.registration}: {each.what} without a row")
        elif (row["state"] in KEPT) == (each.registration in gone):
            tally.lost.append(f"{row['email']}: {each.what} answered, but it is {row['state']}")
    keys = Counter(each.key for each in answers if each.is_accepted and each.key)
    by_key = {(each.key, each.registration) for each in answers if each.is_accepted and each.key}
    tally.doubled += [f"key {key} has two registrations" for key in keys if _more(by_key, key)]


def _took_effect(cancel: Answer) -> bool:
    """Also where an earlier try got no answer, and the next was told that it has ended already."""
    return cancel.is_accepted or (cancel.status == CONFLICT and len(cancel.statuses) > 1)


def _more(pairs: set[tuple[str, str]], key: str) -> bool:
    return sum(each == key for each, _ in pairs) > 1


def _check_seats(tally: Tally, tables: Tables) -> None:
    rows = tables.registrations.values()
    live = Counter(row["email"] for row in rows if row["state"] in LIVE)
    tally.doubled += [f"{email}: {n} live places" for email, n in live.items() if n > 1]
    held = [row["email"] for row in rows if row["state"] in HOLDING]
    tally.oversold += held[tables.capacity :]
    waiting = sum(row["state"] == "waiting" for row in rows)
    shown = tables.seats or {"held": 0, "waiting": 0}
    if rows and (shown["held"], shown["waiting"]) != (len(held), waiting):
        tally.untrue.append(f"the calendar shows {shown}, not {len(held)} and {waiting}")


def _check_events(tally: Tally, tables: Tables) -> None:
    """Each place was told of, and each telling arrived and is believed."""
    told = set(tables.events.values())
    for key, row in tables.registrations.items():
        if key not in told:
            tally.lost.append(f"{row['email']}: a place, and no event")
        elif tables.heard.get(key) != row["state"]:
            heard = tables.heard.get(key)
            tally.untrue.append(f"{row['email']}: notify believes {heard}, it is {row['state']}")
    wanted = Counter(plain(row["event_id"]) for row in tables.deliveries.values())
    for event, subject in tables.events.items():
        email = tables.registrations[subject]["email"]
        if not wanted[event]:
            tally.lost.append(f"{email}: an event, and no mail wanted")
        elif wanted[event] > 1:
            tally.doubled.append(f"{email}: {wanted[event]} mails wanted for one event")


def _check_mails(tally: Tally, tables: Tables, copies: Mapping[str, list[Mail]]) -> None:
    """A mail that is held after a restore may have gone out under an id that is forgotten by now.

    Or something newer had overtaken it; its reader must have had some mail.
    """
    reached = {mail.to for each in copies.values() for mail in each}
    for key, row in tables.deliveries.items():
        taken, words = len(copies.get(key, ())), f"{row['recipient_email']}: {row['state']}"
        tally.mails += taken
        in_window = bool(row["second_copy_possible"])
        if in_window:
            tally.unknown.append(words)
        if taken > 1:
            (tally.window_copies if in_window else tally.doubled).append(f"{words}, {taken} copies")
        if row["state"] == HELD and row["recipient_email"] in reached:
            continue
        if row["state"] == SUPERSEDED:
            if taken and not in_window:
                tally.untrue.append(f"{words}, and sent")
        elif row["state"] not in OUT or not taken:
            tally.lost.append(f"{words}, {taken} copies")


def _check_members_have_mail(
    tally: Tally, answers: list[Answer], copies: Mapping[str, list[Mail]]
) -> None:
    """The two files alone: whoever was answered has some mail, whatever the databases say."""
    reached = {mail.to for each in copies.values() for mail in each}
    for each in answers:
        if each.what == SIGN_UP and each.is_accepted and each.email not in reached:
            tally.lost.append(f"{each.email}: answered, and no mail at all")


def _check_lateness(
    tally: Tally,
    span: Span,
    answers: list[Answer],
    tables: Tables,
    copies: Mapping[str, list[Mail]],
) -> None:
    """Of each member the first mail counts; what was answered before the end shows recovery."""
    first: dict[str, float] = {}
    for key, row in tables.deliveries.items():
        for mail in copies.get(key, ()):
            email = row["recipient_email"]
            first[email] = min(mail.at, first.get(email, mail.at))
    for each in answers:
        if each.what != SIGN_UP or each.email not in first:
            continue
        if first[each.email] - max(each.at, span.ended) > LATE_AFTER_SECONDS:
            tally.late.append(each.email)
        if each.at <= span.ended:
            recovered = round(first[each.email] - span.ended, 1)
            tally.recovered_s = max(tally.recovered_s, recovered)
