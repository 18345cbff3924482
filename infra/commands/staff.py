"""Commands about staff accounts: adding and changing them, and tokens for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from infra.composition import opened
from infra.refusal import Refusal
from services.chassis.config import read_settings
from services.chassis.staff import StaffMember
from services.contracts.shapes import LANGUAGES
from services.contracts.staff import ROLES
from services.registration.account_changes import activate, change_role, deactivate
from services.registration.account_history import COMMAND_LINE
from services.registration.accounts import AccountRefused, Remit, add_staff, by_email
from services.registration.directory import organisation_by_number
from services.registration.second_factor import reset_factor
from services.registration.tokens import FOR_PROGRAMS, MOST_DAYS, make_token

REASONS = {
    "address_taken": "somebody with this e-mail address has an account already.",
    "weak_password": "the password is too weak: take at least 15 characters, and no common ones.",
    "unknown_role": "there is no such role.",
    "last_admin": "this is the last administrator; make another one first.",
    "unknown_area": "no local and no session is in that area; see the list of locals.",
    "unknown_local": "there is no local with that number.",
    "needs_local": "a local officer needs a local: name its number with --local.",
    "not_grantable": "a token may do no more than its owner may.",
    "unknown_staff": "nobody with this e-mail address has an account.",
}


@click.group()
def staff() -> None:
    """Look after staff accounts."""


@staff.command()
@click.argument("email")
@click.option("--name", prompt=True, help="How others see them.")
@click.option("--role", type=click.Choice(ROLES), prompt=True, help="What they may do.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of mail."
)
@click.option(
    "--area",
    "areas",
    multiple=True,
    help="An area that a coordinator is limited to; may be given again. None: all areas.",
)
@click.option("--local", default="", help="The number of the local that an officer is of.")
@click.password_option(help="Asked for when it is not given, which keeps it out of the history.")
def add(areas: tuple[str, ...], local: str, **account: str) -> None:
    """Add a staff account for EMAIL.

    An admin may do everything; a coordinator looks after sessions, people and mail, of some areas
    or of all; a facilitator sees their own sessions, a local officer their local's people, and an
    auditor numbers and settings without people. What is not given as an option is asked for.
    """
    with opened("registration", read_settings()) as registration:
        try:
            with registration.database.writing() as db:
                remit = Remit(areas, _local(db, local))
                add_staff(db, **account, remit=remit, now=datetime.now(UTC))
        except AccountRefused as problem:
            raise _refusal(problem) from problem
    click.echo(f"{account['email']} can sign in at {registration.settings.base_url}/staff/")


@staff.command("reset-second-factor")
@click.argument("email")
def reset_second_factor(email: str) -> None:
    """Let EMAIL set up the second step of signing in anew, when app and recovery codes are lost.

    Their next sign-in begins with that, and every sign-in of theirs ends. Their account page
    shows that it was done here.
    """
    with (
        opened("registration", read_settings()) as registration,
        registration.database.writing() as db,
    ):
        member = by_email(db, email)
        if member is None:
            raise Refusal(REASONS["unknown_staff"])
        reset_factor(db, member, by=COMMAND_LINE, now=datetime.now(UTC))
    click.echo(f"{email} sets up the second step at the next sign-in.")


@staff.command(name="list")
def list_() -> None:
    """List all accounts with their roles."""
    with (
        opened("registration", read_settings()) as registration,
        registration.database.reading() as db,
    ):
        for each in db.scalars(sa.select(StaffMember).order_by(StaffMember.email)):
            limits = ", ".join(each.areas)
            state = "" if each.active else "closed"
            click.echo("\t".join((each.email, each.role, each.name, limits, state)).rstrip())


@staff.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
@click.option("--area", "areas", multiple=True, help="As for `add`; those it had are forgotten.")
@click.option("--local", default="", help="As for `add`.")
def role(email: str, role: str, *, areas: tuple[str, ...], local: str) -> None:
    """Give the account of EMAIL another ROLE, areas or local."""
    with _changing(email) as (db, member):
        change_role(db, member.id, role, Remit(areas, _local(db, local)), now=datetime.now(UTC))
    click.echo(f"{email} is {role} now.")


@staff.command()
@click.argument("email")
def close(email: str) -> None:
    """Close the account of EMAIL: sign it out everywhere, and let nobody sign in with it."""
    with _changing(email) as (db, member):
        deactivate(db, member.id, now=datetime.now(UTC))
    click.echo(f"{email} is closed and signed out everywhere.")


@staff.command()
@click.argument("email")
def reopen(email: str) -> None:
    """Let the account of EMAIL be used again."""
    with _changing(email) as (db, member):
        activate(db, member.id, now=datetime.now(UTC))
    click.echo(f"{email} can be used again.")


@click.command()
@click.argument("email")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=365,
    show_default=True,
    help="How long the token is good for.",
)
@click.option("--name", default="", help="What it is for, as the list of tokens shows it.")
@click.option(
    "--action",
    "actions",
    multiple=True,
    type=click.Choice([each.name for each in FOR_PROGRAMS]),
    help="What it may do; may be given again. None: all that EMAIL may do.",
)
def token(email: str, *, days: int, name: str, actions: tuple[str, ...]) -> None:
    """Make a token with which a program may do what the staff member EMAIL may do, or less.

    It is printed this once. Send it as `Authorization: Bearer TOKEN` to the JSON API. The page
    /staff/tokens shows when it was used, and revokes it.
    """
    with opened("registration", read_settings()) as registration:
        try:
            with registration.database.writing() as db:
                limits: dict[str, Any] = {"name": name, "actions": actions or None}
                made = make_token(db, email=email, days=days, **limits, now=datetime.now(UTC))
        except AccountRefused as problem:
            raise _refusal(problem) from problem
    click.echo(made)


@contextmanager
def _changing(email: str) -> Iterator[tuple[Session, StaffMember]]:
    """The account of an address, in a transaction; what is refused is said."""
    with opened("registration", read_settings()) as registration:
        try:
            with registration.database.writing() as db:
                member = by_email(db, email)
                if member is None:
                    raise AccountRefused("unknown_staff")
                yield db, member
        except AccountRefused as problem:
            raise _refusal(problem) from problem


def _local(db: Session, number: str) -> UUID | None:
    found = organisation_by_number(db, number) if number else None
    if number and found is None:
        raise AccountRefused("unknown_local")
    return found.id if found else None


def _refusal(problem: AccountRefused) -> Refusal:
    return Refusal(REASONS.get(problem.reason, problem.reason))
