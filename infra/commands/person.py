"""Commands about a person: all that is kept about them, and forgetting it."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from infra.composition import opened
from infra.data_files import data_files
from infra.refusal import Refusal
from services.chassis.audit import Act, append
from services.chassis.config import read_settings
from services.chassis.policy import ERASE_PERSON, EXPORT_PERSON
from services.chassis.rules import Action
from services.chassis.service import Runtime
from services.contracts import SERVICES
from services.registration.account_history import COMMAND_LINE
from services.registration.erasure import ask_erasure
from services.registration.people import AddressIsShared, who_is
from services.registration.person_models import PersonRequest
from services.registration.requests import ask_export

ACTOR = "command line"
_PAUSE = 0.2
_meant = (
    click.argument("email"),
    click.option("--name", default="", help="Who of those that share the address."),
    click.option("--everybody", is_flag=True, help="All of those that share the address."),
    click.option(
        "--wait",
        type=click.IntRange(0, 3600),
        default=60,
        show_default=True,
        help="For how many seconds to wait for the other services.",
    ),
)


def _about_somebody(command: Any) -> Any:
    for decorate in reversed(_meant):
        command = decorate(command)
    return command


@click.group()
def person() -> None:
    """Look after the data of one person."""


@person.command()
@_about_somebody
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to write into; the present one when none is named.",
)
def export(email: str, *, name: str, everybody: bool, wait: int, output: Path) -> None:
    """Write all that is kept about EMAIL: a JSON file, and a page in English and in French.

    Each service answers in its time. What one that is away knows is missing in the files, which
    say so; ask again later.
    """
    with opened("registration", read_settings()) as registration:
        with registration.database.writing() as db:
            who = _who(db, email, name=name, everybody=everybody)
            now = datetime.now(UTC)
            asked = ask_export(db, who, actor=ACTOR, now=now).id
            _write_down(db, EXPORT_PERSON, who, now)
        _wait(registration, asked, wait)
        for file, content in data_files(registration, asked):
            _write(output, file, content)


@person.command()
@_about_somebody
@click.option("--reason", default="", help="Kept in the history of the places.")
@click.confirmation_option(prompt="Erase everything about this person? It cannot be undone.")
def erase(email: str, *, name: str, everybody: bool, wait: int, reason: str) -> None:
    """Erase EMAIL: cancel what is to come, and let nothing tell who they were.

    Numbers stay: seats, fees and states. A service that is away does its part when it is back;
    nothing more has to be done for that.
    """
    with opened("registration", read_settings()) as registration:
        with registration.database.writing() as db:
            who = _who(db, email, name=name, everybody=everybody)
            now = datetime.now(UTC)
            asked = ask_erasure(db, who, actor=ACTOR, reason=reason, now=now).id
            _write_down(db, ERASE_PERSON, who, now)
        count = len(who["registration_ids"])
        click.echo(f"{count} {'place is' if count == 1 else 'places are'} about nobody any more.")
        if who["is_staff"]:
            click.echo(
                "This address has a staff account too. The account, and what was sent to it for "
                "its work, are not erased: take the account's place in the work first.",
                err=True,
            )
        _wait(registration, asked, wait)


def _who(db: Any, email: str, **meant: Any) -> dict[str, Any]:
    try:
        return who_is(db, email, **meant)
    except AddressIsShared as problem:
        raise Refusal(
            f"{problem} share this address. Say --name for one of them, or --everybody."
        ) from problem


def _write_down(db: Any, action: Action, who: dict[str, Any], now: datetime) -> None:
    """The audit log tells of each place whose data were taken away or erased here."""
    for place in who["registration_ids"]:
        append(db, Act(*COMMAND_LINE, action.name, f"registration:{place}"), now)


def _wait(registration: Runtime, request_id: UUID, seconds: int) -> None:
    """Say which service has done its part, as they do."""
    give_up_at, told = time.monotonic() + seconds, set[str]()
    while True:
        with registration.database.reading() as db:
            request = db.get_one(PersonRequest, request_id)
        for service in [each for each in SERVICES if each in request.answers]:
            if service not in told:
                click.echo(f"{service}: done")
            told.add(service)
        if request.finished_at is not None or time.monotonic() > give_up_at:
            break
        time.sleep(_PAUSE)
    for service in [each for each in SERVICES if each not in told]:
        click.echo(f"{service}: delayed; it goes on by itself when the service is back")


def _write(folder: Path, name: str, content: str) -> None:
    """For its owner's eyes only."""
    path = folder / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(content)
    except OSError as problem:
        raise Refusal(f"cannot write {path} ({problem.strerror}).") from problem
    click.echo(f"Written to {path}")
