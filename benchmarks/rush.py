"""The opening rush: members onto one workshop, as fast as they come, on the whole product.

`make rush MEMBERS=3000` starts the product as an operator would and lets so many members sign up
within a minute; `ARGS="--seconds 1800"` spreads them over half an hour, and shows what the memory
grows by after the first twentieth of it. The figures come from the load's own file of answers and
the mail server's own file of mails; a lost, doubled or oversold place fails the run.
"""

import tempfile
from pathlib import Path

import click

from benchmarks.launched import memory_of
from tests.facts import eventually
from tests.faults.report import Report, circumstances
from tests.faults.rush import Rush, under_load
from tests.faults.system import a_system
from tests.faults.witness import SIGN_UP, Witness
from tests.system.launcher import processes_of

SEATS = 30
PATIENCE_SECONDS = 900


@click.command()
@click.option("--members", default=3000, show_default=True)
@click.option("--seconds", default=60, show_default=True)
def rush(members: int, seconds: int) -> None:
    """Measure, and print the figures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        a_system(Path(folder), "sqlite", Report()) as site,
    ):
        load = {"rate": members / seconds, "seconds": seconds, "cancels_every": 0}
        with under_load(site, "rush", seats=SEATS, **load) as crowd:
            crowd.until(members // 20)
            early = memory_of(processes_of(site.site.launched.data))
            crowd.process.wait(timeout=seconds + PATIENCE_SECONDS)
            eventually(site.is_settled, within=PATIENCE_SECONDS)
        show(crowd, site.witness)
        late = memory_of(processes_of(site.site.launched.data))
        click.echo(f"memory        {early / 1e6:.0f} MB early, {late / 1e6:.0f} MB at the end")


def show(crowd: Rush, witness: Witness) -> None:
    """Print what the two files say."""
    tally = crowd.tally
    answers = [each for each in witness.answers(crowd.session) if each.what == SIGN_UP]
    moments = sorted(each.at for each in answers)
    times = sorted(ms for each in answers for ms in each.milliseconds)
    click.echo(circumstances())
    click.echo(f"answered      {tally.accepted} in {moments[-1] - moments[0]:.0f} s")
    for share in (50, 95, 99):
        click.echo(f"p{share}           {times[len(times) * share // 100]:.0f} ms")
    click.echo(f"5xx           {tally.broken}, no answer {tally.unanswered_tries}")
    wait = max(mail.at for mail in witness.mails()) - moments[-1]
    click.echo(f"mails         {tally.mails}, the last {wait:.0f} s after the last answer")
    click.echo(f"lost, doubled, untrue, oversold, offences: {tally.wrongs or 'none'}")
    if tally.wrongs:
        raise SystemExit(1)


if __name__ == "__main__":
    rush()
