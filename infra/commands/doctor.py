"""The doctor command: what is wrong with a site, and what to do."""

import click
from rich.console import Console
from rich.markup import escape

from infra.doctor import examine
from infra.findings import Finding
from infra.refusal import FAILED
from services.chassis.config import read_settings


@click.command()
def doctor() -> None:
    """Examine the site: settings, databases, broker, mail, and whether work gets done.

    Each line says what is well or what to do about it. The exit code is 1 when something is
    wrong. Run it with the same settings as the site.
    """
    console = Console(highlight=False, soft_wrap=True)
    settings = read_settings()
    ill = 0
    for finding in examine(settings):
        _show(finding, console)
        ill += not finding.well
    if ill:
        console.print(f"{ill} to put right." if ill > 1 else "One thing to put right.")
        raise SystemExit(FAILED)
    console.print("All is well.")


def _show(finding: Finding, console: Console) -> None:
    told = escape(f"{finding.subject}: {finding.told}")
    if finding.well:
        console.print(f"[green]ok[/]       {told}")
    else:
        console.print(f"[red]problem[/]  {told}\n         {escape(finding.cure)}")
