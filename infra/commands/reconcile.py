"""The reconcile command: whether the databases hold what must always be true."""

from contextlib import ExitStack
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.markup import escape

from infra.composition import opened
from infra.reconciling import Answer, examine
from infra.refusal import FAILED
from services.chassis.config import read_settings
from services.chassis.invariants import Offence
from services.contracts import SERVICES
from services.registration.discrepancies import note_offences

MOST_SHOWN = 10


@click.command()
@click.option(
    "--note",
    is_flag=True,
    help="Show the findings to staff as well, as the nightly check does, and what is gone as gone.",
)
def reconcile(*, note: bool) -> None:
    """Examine all three databases for what must always be true, such as no seat sold twice.

    Each line is one such sentence, with how many break it, which ones, and what to do about it.
    What is younger than five minutes is left alone, so the site may be at work meanwhile. The
    exit code is 1 when there are findings. It needs the addresses of all three databases.
    """
    console = Console(highlight=False, soft_wrap=True)
    settings = read_settings()
    now, offences = datetime.now(UTC), list[Offence]()
    with ExitStack() as stack:
        runtimes = {name: stack.enter_context(opened(name, settings)) for name in SERVICES}
        for answer in examine(runtimes, now):
            _show(answer, console)
            offences += answer.offences()
        if note:
            with runtimes["registration"].database.writing() as db:
                note_offences(db, offences, now)
    if offences:
        count = len(offences)
        console.print(f"{count} to put right." if count > 1 else "One thing to put right.")
        raise SystemExit(FAILED)
    console.print("Everything adds up.")


def _show(answer: Answer, console: Console) -> None:
    invariant, keys = answer.invariant, answer.broken_by
    told = escape(f"{invariant.number} {answer.service}: {invariant.sentence}")
    if not keys:
        console.print(f"[green]ok[/]       {told}")
        return
    shown = ", ".join(keys[:MOST_SHOWN]) + (" …" if len(keys) > MOST_SHOWN else "")
    console.print(f"[red]{len(keys):<8}[/] {told}")
    console.print(escape(f"         {invariant.wrong} {invariant.about}: {shown}"))
    console.print(escape(f"         {invariant.cure}"))
