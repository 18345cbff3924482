"""Areas of the federation: how a query is narrowed to some, and how one is spelled."""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa


def in_areas(column: Any, areas: Collection[str]) -> sa.ColumnElement[bool]:
    """What lies in some areas or in none; no areas narrow nothing."""
    narrowed: sa.ColumnElement[bool] = column.in_([*areas, ""])
    return narrowed if areas else sa.true()


def as_known(area: str, known: Iterable[str]) -> str:
    """A typed area in the spelling that is in use, if it is."""
    return next((each for each in known if each.casefold() == area.casefold()), area)


def named(area: str) -> frozenset[str]:
    """The area as the policy has it, where none is everybody's."""
    return frozenset({area} if area else ())
