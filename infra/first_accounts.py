"""The staff accounts of the first start, and the file that keeps their passwords."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NOTE = "# The first staff accounts. Give them other passwords, or your own accounts their roles.\n"
DEMO_AREA, DEMO_LOCAL = "Toronto", "233"
_LEGIBLE = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True)
class FirstAccount:
    """Who can sign in to a new site; `areas` and the local's number limit them."""

    name: str
    email: str
    role: str
    password: str
    areas: Sequence[str] = ()
    local: str = ""


def make_accounts(*, demo: bool) -> list[FirstAccount]:
    """An administrator, and for the demonstration one of each other role."""
    accounts = [_account("Site Administrator", "admin")]
    if demo:
        accounts.append(_account("Robin Coordinator", "coordinator"))
        accounts.append(_account("Noor Area-Coordinator", "coordinator", "area", areas=[DEMO_AREA]))
        accounts.append(_account("Sam Facilitator", "facilitator"))
        accounts.append(_account("Lou Officer", "local_officer", "officer", local=DEMO_LOCAL))
        accounts.append(_account("Ari Auditor", "auditor"))
    return accounts


def accounts_file(data: Path) -> Path:
    """Where the passwords are kept, readable by the owner only."""
    return data / "staff-sign-in.txt"


def write_accounts(data: Path, accounts: Sequence[FirstAccount]) -> None:
    """Keep the accounts; the file is never readable by others, not even at first."""
    path = accounts_file(data)
    path.unlink(missing_ok=True)
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(NOTE)
        for each in accounts:
            file.write("\t".join((each.role, each.email, each.password, each.name)) + "\n")


def read_accounts(data: Path) -> list[FirstAccount]:
    """The accounts that were kept; none where the file is not there or was emptied."""
    path = accounts_file(data)
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [FirstAccount(name, email, role, secret) for role, email, secret, name in rows]


def _account(name: str, role: str, address: str = "", **limits: Any) -> FirstAccount:
    return FirstAccount(name, f"{address or role}@example.org", role, _password(), **limits)


def _password() -> str:
    """Three groups of five characters that nobody mistakes for one another: 74 bits."""
    return "-".join("".join(secrets.choice(_LEGIBLE) for _ in range(5)) for _ in range(3))
