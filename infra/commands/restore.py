"""The restore command: puts a backup set back, and lets the services agree again."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from infra.backup.bars import shown_progress
from infra.backup.healing import heal
from infra.backup.manifest import Manifest, check_files, read_manifest
from infra.backup.restoring import Work, has_data, plan, put_back
from infra.data_folder import data_folder
from infra.erasures import erase_again
from infra.refusal import Refusal
from services.chassis.config import Settings, read_settings
from services.chassis.keys import LINKS, keys_for
from services.contracts import SERVICES


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--only",
    type=click.Choice(SERVICES),
    multiple=True,
    help="Put back this service's database alone; may be given twice.",
)
@click.option("--yes", is_flag=True, help="Replace the present data without asking.")
def restore(folder: Path, *, only: tuple[str, ...], yes: bool) -> None:
    """Put the backup set in FOLDER back. The site must not be running.

    The set is checked first. All of it comes back, or nothing; the data that it replaces are
    kept aside. Then the databases are brought up to date, and the services send each other what
    a restored one has missed.
    """
    settings, now = read_settings(), datetime.now(UTC)
    manifest = read_manifest(folder)
    _check(folder, manifest)
    with data_folder(settings):
        work = plan(settings, folder, manifest, only or SERVICES, now)
        _ask(work, manifest, yes=yes)
        restored = {part.service: part.taken_at for part in work.parts}
        with put_back(work):
            for producer, subscriber, count in heal(settings, restored, now):
                if count:
                    click.echo(f"{producer} sends {subscriber} {count} events again.")
            if erased := erase_again(settings, now):
                click.echo(f"Erased once more: {erased} people who had asked for it since.")
            if erased := erase_again(settings, now):
                click.echo(f"{erased} erasures since then are done anew when the site runs.")
    _say_what_next(work)


def _check(folder: Path, manifest: Manifest) -> None:
    with shown_progress() as progress:
        task = progress.add_task("Checking", total=sum(each.size for each in manifest.files))
        check_files(folder, manifest, lambda size: progress.advance(task, size))


def _ask(work: Work, manifest: Manifest, *, yes: bool) -> None:
    """Let a person confirm what cannot be meant by mistake."""
    questions = [*_of_the_key(work.settings, manifest), *_of_the_data(work)]
    for question in questions:
        click.echo(question)
    if not questions or yes:
        return
    if not sys.stdin.isatty():
        raise Refusal("nothing was changed. Give --yes to go on.")
    click.confirm("Go on?", abort=True)


def _of_the_key(settings: Settings, manifest: Manifest) -> list[str]:
    if manifest.secret_key in {each.id for each in keys_for(settings, LINKS)}:
        return []
    return [
        "The secret key is not the one that this site had: links in mail that was sent will open "
        "nothing. Set TURNOUT_SECRET_KEY to the old one first if you have it."
    ]


def _of_the_data(work: Work) -> list[str]:
    """What is there and would be replaced."""
    there = [part for part in work.parts if has_data(work.settings, part)]
    return [
        f"The present data of {part.service} will be replaced by those of "
        f"{part.taken_at:%Y-%m-%d %H:%M} UTC."
        for part in there
    ]


def _say_what_next(work: Work) -> None:
    for part in work.parts:
        click.echo(f"{part.service}: restored as of {part.taken_at:%Y-%m-%d %H:%M:%S} UTC")
    click.echo(
        f"What was replaced is kept as {work.aside} (folder in {work.settings.data}, or "
        "schema of a PostgreSQL database): delete it when all is well."
    )
    click.echo(
        "Start the site. Mail that may have gone out before is held: decide about it at "
        f"{work.settings.base_url}/staff/mail/held"
    )
