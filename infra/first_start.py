"""What a new site begins with: its first staff accounts, and a demonstration if wanted."""

from datetime import UTC, datetime

import sqlalchemy as sa
from rich.console import Console

from infra.demo.load import load_demo
from infra.first_accounts import FirstAccount, make_accounts, write_accounts
from services.chassis.service import Runtime
from services.chassis.staff import StaffMember
from services.registration.accounts import Remit, add_staff
from services.registration.directory import organisation_by_number


def begin_site(catalog: Runtime, registration: Runtime, console: Console, *, demo: bool) -> None:
    """Fill a new site; one that has staff is left alone.

    The accounts come last and mark the end: a start that was broken off is begun again.
    """
    if _has_staff(registration):
        return
    now = datetime.now(UTC)
    accounts = make_accounts(demo=demo)
    if demo:
        with console.status("Loading the demonstration calendar …"):
            published = load_demo(catalog, registration, now)
        console.print(
            f"The data folder was empty: a demonstration with {published} workshop sessions of a "
            "fictional union was loaded. `turnout run --no-demo` begins without it."
        )
    _add(registration, accounts, now)


def _has_staff(registration: Runtime) -> bool:
    with registration.database.reading() as db:
        return db.scalar(sa.select(StaffMember.id).limit(1)) is not None


def _add(registration: Runtime, accounts: list[FirstAccount], now: datetime) -> None:
    """Write the passwords down before they count, so that no account is without its own."""
    write_accounts(registration.settings.data, accounts)
    with registration.database.writing() as db:
        for each in accounts:
            local = organisation_by_number(db, each.local) if each.local else None
            add_staff(
                db,
                name=each.name,
                email=each.email,
                role=each.role,
                password=each.password,
                remit=Remit(each.areas, local.id if local else None),
                now=now,
            )
