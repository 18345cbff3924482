"""The list of those who were erased, outside of the databases: a restored backup knows them again.

It is a file in the data folder, which restoring leaves as it is. It names nobody: salted hashes,
and the ids of registrations.
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.chassis.erasing import take_order
from services.chassis.ids import new_id
from services.chassis.salted import is_of, salted
from services.chassis.service import Runtime


@dataclass(frozen=True)
class Remembered:
    """Somebody who was erased; `name` is the hash of one where others share the address."""

    request_id: UUID
    asked_at: datetime
    address: str
    name: str
    registration_ids: tuple[UUID, ...]


def list_file(data: Path) -> Path:
    """Where the list is."""
    return data / "erasures.jsonl"


def remember(data: Path, who: dict[str, Any], asked_at: datetime) -> None:
    """Add somebody who is being erased, once for each request."""
    if any(each.request_id == who["request_id"] for each in remembered(data)):
        return
    line = {
        "request_id": str(who["request_id"]),
        "asked_at": asked_at.isoformat(),
        "address": salted(who["email"]),
        "name": salted(who["name"]) if who["name"] else "",
        "registration_ids": [str(each) for each in who["registration_ids"]],
    }
    data.mkdir(parents=True, exist_ok=True)
    number = os.open(list_file(data), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(number, "a", encoding="ascii") as file:
        file.write(json.dumps(line) + "\n")
        file.flush()
        os.fsync(file.fileno())


def remembered(data: Path) -> Iterator[Remembered]:
    """Everybody on the list, the first first."""
    path = list_file(data)
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    for line in map(json.loads, lines):
        yield Remembered(
            UUID(line["request_id"]),
            datetime.fromisoformat(line["asked_at"]),
            line["address"],
            line["name"],
            tuple(UUID(each) for each in line["registration_ids"]),
        )


@dataclass(frozen=True)
class Known:
    """An address that a database knows, whose, since when, and about which place, if any."""

    address: str
    name: str
    since: datetime
    subject_id: UUID | None = None


def take_orders_again(runtime: Runtime, known: Iterable[Known]) -> int:
    """Order anew whom a restored database knows again; returns how many orders were taken.

    Whoever came back after they were erased is left alone. The clock carries the orders out.
    """
    rows, taken = list(known), 0
    for each in remembered(runtime.settings.data):
        found = {address for row in rows if (address := _known_by(each, row)) is not None}
        with runtime.database.writing() as db:
            for address in found:
                who = _who(each, address, _own_names(address, rows))
                take_order(db, who, asked_at=each.asked_at)
        taken += len(found)
    return taken


def _known_by(each: Remembered, row: Known) -> str | None:
    """The address to erase; empty where only the place tells that it is theirs."""
    if row.since > each.asked_at:
        return None
    if not each.name and is_of(each.address, row.address):
        return row.address
    return "" if row.subject_id in each.registration_ids else None


def _own_names(address: str, rows: Iterable[Known]) -> list[str]:
    """The names under an address that can be nobody else's, nor any other word."""
    own = {row.name for row in rows if row.address == address and len(row.name.split()) > 1}
    others = {row.name.casefold() for row in rows if row.address != address}
    return sorted(each for each in own if each.casefold() not in others)


def _who(each: Remembered, address: str, names: list[str]) -> dict[str, Any]:
    return {
        "request_id": new_id(),
        "email": address,
        "name": "",
        "names": names,
        "phones": [],
        "registration_ids": list(each.registration_ids),
        "is_staff": False,
        "last_mail": [],
    }
