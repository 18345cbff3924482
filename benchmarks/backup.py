"""How long a backup and a restore take for a site with so many registrations, on SQLite."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from benchmarks.filling import fill
from services.chassis.config import read_settings


@click.command()
@click.option("--registrations", default=100_000, show_default=True)
def main(registrations: int) -> None:
    """Fill a site, back it up, put it back, and print the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "var"
        environment = os.environ | {"TURNOUT_DATA": str(data)}
        seconds(environment, "migrate")
        fill(read_settings({"TURNOUT_DATA": str(data)}), registrations)
        size = sum(path.stat().st_size for path in data.glob("*.sqlite3"))
        click.echo(f"{registrations} registrations, {size / 1e6:.0f} MB of databases")
        click.echo(f"backup:  {seconds(environment, 'backup', f'{folder}/sets'):.1f} s")
        [made] = Path(folder, "sets").iterdir()
        click.echo(f"restore: {seconds(environment, 'restore', str(made), '--yes'):.1f} s")


def seconds(environment: dict[str, str], *words: str) -> float:
    """How long one command takes."""
    began = time.monotonic()
    command = [sys.executable, "-m", "infra", *words]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return time.monotonic() - began


if __name__ == "__main__":
    main()
