"""`make bench`: the opening rush and what goes with it, against the limits of the same machine.

Prints one table in Markdown: what, target, and the median of the runs on each database.
"""

import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from statistics import median

import click

from benchmarks import limits, moments
from benchmarks.launched import a_product
from benchmarks.opening import Opening, opening
from tests.databases import PostgresServer
from tests.faults.report import circumstances

MEMBERS, SEATS = 1000, 200
DATABASES = ("sqlite", "postgresql")
TARGETS = {
    "sign-ups a second": {"sqlite": "≥ 800", "postgresql": "≥ 500"},
    "p50 ms": "< 40",
    "p99 ms": "< 150",
    "last mail after the last answer, s": "< 5",
    "CPU of all processes a sign-up, ms": "< 4",
    "memory after the rush, MB": "< 350",
    "cost at 100,000 registrations over at 1,000": "< 1.2",
    "cancellation to offer, 2,000 waiting, s": "< 1",
    "roster of 5,000, XLSX, s": "< 1",
    "roster of 5,000, PDF, s": "< 3",
    "roster of 5,000, memory, MB": "< 150",
    "calendar of 200 sessions, pages a second": "≥ 1,500",
}
"""What each row of the table is to reach; one word for both databases where they are alike."""

Row = dict[str, float]


@click.command()
@click.option("--database", "databases", type=click.Choice(DATABASES), multiple=True)
@click.option("--runs", default=3, show_default=True)
@click.option("--only", type=click.Choice(["opening", "growth", "moments", "limits"]))
@click.option("--profile", is_flag=True, help="CPU of a sign-up by process, after each opening.")
def bench(databases: tuple[str, ...], runs: int, only: str | None, profile: bool) -> None:
    """Measure, and print the table."""
    parts: Mapping[str, Callable[[str], Row]] = {
        "opening": lambda database: _opening(database, profile=profile),
        "growth": _growth,
        "moments": _moments,
        "limits": _limits,
    }
    chosen = [parts[only]] if only else list(parts.values())
    found = {
        database: [_merged(part(database) for part in chosen) for _ in range(runs)]
        for database in databases or DATABASES
    }
    click.echo(f"\n{circumstances()}\n\n{_table(found)}")


def _opening(database: str, *, profile: bool) -> Row:
    with a_product(database) as product:
        figures = opening(product, MEMBERS, SEATS)
    if profile:
        by_cost = sorted(figures.cost.items(), key=lambda each: -each[1])
        click.echo(", ".join(f"{name} {cost:.2f}" for name, cost in by_cost))
    return _row(figures)


def _row(figures: Opening) -> Row:
    return {
        "sign-ups a second": figures.per_second,
        "p50 ms": figures.p50,
        "p99 ms": figures.p99,
        "last mail after the last answer, s": figures.last_mail,
        "CPU of all processes a sign-up, ms": sum(figures.cost.values()),
        "memory after the rush, MB": figures.memory / 1e6,
        "CPU of the generator a sign-up, ms": figures.generator,
    }


def _growth(database: str) -> Row:
    """The same opening twice, with few and with many registrations in the tables.

    Into the first after a start falls what the clock does once a day, such as looking through all
    registrations for what must be true; so it is the second that is measured.
    """
    costs = []
    for registrations in (1_000, 100_000):
        with a_product(database, registrations) as product:
            opening(product, MEMBERS, SEATS)
            costs.append(sum(opening(product, MEMBERS, SEATS).cost.values()))
    return {"cost at 100,000 registrations over at 1,000": costs[1] / costs[0]}


def _moments(database: str) -> Row:
    with a_product(database) as product:
        offer = moments.offer_after_cancel(product, 2_000)
        found = moments.rosters(product, 5_000)
    with a_product(database) as product:
        pages, cost = moments.calendar(product, 200, 5_000)
    return {
        "cancellation to offer, 2,000 waiting, s": offer,
        "roster of 5,000, XLSX, s": found.xlsx,
        "roster of 5,000, PDF, s": found.pdf,
        "roster of 5,000, memory, MB": found.growth / 1e6,
        "calendar of 200 sessions, pages a second": pages,
        "CPU of the generator a page, ms": cost,
    }


def _limits(database: str) -> Row:
    found = {"limit: a bare Flask page, pages a second": limits.flask_limit()}
    if database == "sqlite":
        return found | {"limit: the durable work alone, a second": limits.sqlite_limit()}
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(Path(folder))
        rates = {n: limits.postgresql_limit(server, n) for n in (4, 32)}
        server.close()
    return found | {
        "limit: the durable work alone, a second": rates[4],
        "limit: the same by 32 connections": rates[32],
    }


def _merged(rows: Iterable[Row]) -> Row:
    return {name: value for row in rows for name, value in row.items()}


def _table(found: Mapping[str, list[Row]]) -> str:
    names = list(dict.fromkeys(name for runs in found.values() for run in runs for name in run))
    lines = [["what", "target", *found], ["---"] * (2 + len(found))]
    for name in names:
        medians = [_median([run[name] for run in runs if name in run]) for runs in found.values()]
        lines.append([name, _target(name, list(found)), *medians])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _target(name: str, databases: list[str]) -> str:
    target = TARGETS.get(name, "")
    if isinstance(target, str):
        return target
    return " / ".join(target[each] for each in databases)


def _median(values: list[float]) -> str:
    if not values:
        return ""
    value = median(values)
    return f"{value:,.0f}" if value >= 20 else f"{value:.2f}"


if __name__ == "__main__":
    bench()
