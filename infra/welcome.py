"""What `turnout run` says when the site is up: where it is, who can sign in, where mail goes."""

import signal
from contextlib import suppress

from rich.console import Console
from rich.table import Table

from infra.first_accounts import accounts_file, read_accounts
from infra.readiness import wait_until_ready
from services.chassis.config import Settings


def welcome(settings: Settings, console: Console, first_start: bool) -> None:
    """Wait until the site is up, and say so, unless it is stopped before.

    In a process of its own, as the launcher is busy by then.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    console.print("Starting …")
    problems = wait_until_ready(settings)
    _say_welcome(settings, problems, console, first_start=first_start)


def say_if_heard(console: Console, words: str) -> None:
    """Print a line, unless whoever read what we print is gone, as at the end of a terminal."""
    with suppress(OSError, SystemExit):  # Rich ends the process that prints into a broken pipe.
        console.print(words)


def _say_welcome(
    settings: Settings, problems: list[str], console: Console, *, first_start: bool
) -> None:
    """Print the addresses, the log-in, and what is not well yet; the password only once."""
    console.print("\n[bold green]Turnout is running.[/] Ctrl-C stops it.\n")
    console.print(_table(settings, with_password=first_start))
    for problem in problems:
        console.print(f"[yellow]Not well yet:[/] {problem}. `turnout doctor` says what to do.")


def _table(settings: Settings, *, with_password: bool) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2))
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    table.add_row("Site", f"{settings.base_url}/")
    table.add_row("Staff", f"{settings.base_url}/staff/")
    for line in _log_in(settings, with_password=with_password):
        table.add_row("", line)
    if settings.mail_url.startswith("folder:"):
        table.add_row("Mailbox", f"{settings.base_url}/mailbox")
    table.add_row("Data", str(settings.data))
    return table


def _log_in(settings: Settings, *, with_password: bool) -> list[str]:
    accounts = read_accounts(settings.data)
    if not accounts:
        return []
    first = accounts[0]
    path = accounts_file(settings.data)
    if with_password:
        return [f"{first.email}  password {first.password}", f"(shown once; kept in {path})"]
    return [f"{first.email}  (password in {path})"]
