"""The bounces command: mail that came back finds its row, and staff hear of it."""

from collections import Counter
from datetime import UTC, datetime

import click

from infra.bounce_sources import PIPE, Message, opened_box
from infra.composition import opened
from infra.refusal import Refusal
from services.chassis.config import read_settings
from services.chassis.service import Runtime
from services.notify.bounces import read_bounce
from services.notify.reports import BOUNCE, Report, receive_reports

NOT_OURS = "not about our mail"
OUTCOMES = {
    "applied": "noted",
    "repeated": "known already",
    "of unknown mail": "of a mail that we do not know",
    "of unknown kind": "kept unread, as its reason is in prose",
}


class TryAgain(Refusal):
    """What a mail server's pipe understands: keep the message, and come again later."""

    exit_code = 75


@click.command()
@click.argument("source", default=PIPE)
def bounces(source: str) -> None:
    """Read the mail that came back (RFC 3464) from SOURCE and note it with each message.

    SOURCE is a file (one message, or an mbox), a folder (a Maildir, or .eml files), an address
    such as imaps://user@mail.example.org/INBOX with its password in TURNOUT_BOUNCES_PASSWORD,
    or - for one message on standard input, as a mail server's pipe gives it. Other mail in it
    is left alone, and reading a bounce again changes nothing. A pipe ends with 75 when the
    database is away, so that the mail server tries again.
    """
    settings = read_settings()
    tally: Counter[str] = Counter()
    try:
        box_of = opened_box(source, settings.bounces_password)
        with opened("notify", settings) as notify, box_of as box:
            for message in box.messages:
                found = _note(notify, message)
                tally[found] += 1
                if found != NOT_OURS:
                    box.done(message)
    except Refusal as problem:
        raise TryAgain(problem.message) if source == PIPE else problem from problem
    click.echo(_summary(tally))


def _note(notify: Runtime, message: Message) -> str:
    now = datetime.now(UTC)
    report = read_bounce(message.content, now)
    if report is None:
        click.echo(f"{message.name}: {NOT_OURS}")
        return NOT_OURS
    ((outcome, _one),) = receive_reports(notify.database, [report], now).items()
    click.echo(f"{message.name}: {_kind(report)} of mail {report.delivery_id}, {OUTCOMES[outcome]}")
    return OUTCOMES[outcome]


def _kind(report: Report) -> str:
    """What became of the mail, without the words: they name the address."""
    return "no such address" if report.kind == BOUNCE else report.kind.replace("_", " ")


def _summary(tally: Counter[str]) -> str:
    if not tally:
        return "There was no message."
    return ", ".join(f"{count} {what}" for what, count in tally.items()) + "."
