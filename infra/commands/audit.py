"""The audit command: whether the audit logs are whole, and who saw or changed what."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click

from infra.composition import opened
from infra.refusal import FAILED, Refusal
from services.chassis.audit import (
    AuditEntry,
    AuditFilter,
    broken_at,
    found_entries,
    head_of,
    is_part,
)
from services.chassis.config import Settings, read_settings
from services.contracts import SERVICES
from services.notify.queries import mails_to
from services.registration.queries import places_of

MOST_SHOWN = 1_000
_TOLD = ("shown", "changed")


@click.group()
def audit() -> None:
    """Look into the audit logs: who saw, took away or changed what."""


@audit.command()
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="SERVICE:NUMBER:DIGEST",
    help="What an earlier run or the log files say of an entry; may be given several times.",
)
def verify(heads: tuple[str, ...]) -> None:
    """Check that no entry was changed, taken out or put in.

    Prints where each service's log stands. Keep that line elsewhere: whoever can write to the
    database could make a whole new log, which only --head shows. The exit code is 1 when a log
    is not whole.
    """
    noted = [_noted(each) for each in heads]
    settings, ill = read_settings(), 0
    for service in SERVICES:
        for problem in _problems(settings, service, noted):
            click.echo(f"{service}: {problem}", err=True)
            ill += 1
    if ill:
        raise SystemExit(FAILED)


@audit.command()
@click.option("--about", help="A person's e-mail address, or session:ID, registration:ID, mail:ID.")
@click.option("--by", default="", help="Only what this member of staff did: their name or id.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only from this day (UTC) on.")
def show(about: str | None, by: str, since: datetime | None) -> None:
    """List the newest acts in all three logs, the oldest first.

    With a person's address it lists who saw or changed anything of theirs: their places, the
    sessions that these are in, and the mail to them.
    """
    settings = read_settings()
    subjects = _subjects(settings, about) if about else frozenset()
    start = since.replace(tzinfo=UTC) if since else None
    lines: list[tuple[datetime, str]] = []
    for service in SERVICES:
        with opened(service, settings) as runtime, runtime.database.reading() as db:
            found = found_entries(db, AuditFilter(subjects, by, start), MOST_SHOWN)
            lines += [(each.at, _line(service, each)) for each in found]
    for _at, line in sorted(lines):
        click.echo(line)
    if not lines:
        click.echo("There is no such entry.")


def _noted(text: str) -> tuple[str, int, str]:
    service, _, rest = text.partition(":")
    number, _, digest = rest.partition(":")
    if service not in SERVICES or not (number.isascii() and number.isdigit()) or not digest:
        raise Refusal(f"--head: {text!r} is not like registration:120:9f86d0…")
    return service, int(number), digest


def _problems(
    settings: Settings, service: str, noted: Iterable[tuple[str, int, str]]
) -> Iterator[str]:
    with opened(service, settings) as runtime, runtime.database.reading() as db:
        number, digest = head_of(db)
        click.echo(f"{service}:{number}:{digest}")
        if (broken := broken_at(db)) is not None:
            yield f"the log was changed, or lacks something, at entry {broken}"
        for name, known, was in noted:
            if name == service and not is_part(db, known, was):
                yield f"entry {known} is not the one that was noted"


def _subjects(settings: Settings, about: str) -> frozenset[str]:
    """What entries about somebody or something are found under; Refusal for an unknown address."""
    if "@" not in about:
        return frozenset({about})
    with opened("registration", settings) as registration, registration.database.reading() as db:
        places = places_of(db, about)
    with opened("notify", settings) as notify, notify.database.reading() as db:
        mails = mails_to(db, about)
    found = {f"registration:{place}" for place, _session in places}
    found |= {f"session:{session}" for _place, session in places}
    found |= {f"mail:{mail}" for mail in mails}
    if not found:
        raise Refusal(f"nobody is known by {about}.")
    return frozenset(found)


def _line(service: str, entry: AuditEntry) -> str:
    who = f"{entry.actor} ({entry.role})" if entry.actor else entry.role
    parts = [f"{entry.at:%Y-%m-%d %H:%M:%S}", f"{service}:{entry.number}", who, entry.action]
    parts += [entry.subject] if entry.subject else []
    parts += [f"{what} {', '.join(entry.details[what])}" for what in _TOLD if what in entry.details]
    return "  ".join(parts)
