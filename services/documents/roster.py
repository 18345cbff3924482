"""The data of a roster: who comes to a workshop, and what a facilitator must know about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.documents.dates import Day

CONFIRMED = "confirmed"


@dataclass(frozen=True)
class RosterRow:
    """One person; an empty string where nothing is known or may be shown."""

    name: str
    local: str = ""
    role: str = ""
    email: str = ""
    phone: str = ""
    status: str = CONFIRMED
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Roster:
    """One session's list, in the reader's language ("en" or "fr") and the reader's order.

    `zone` is an IANA name, `as_of` is aware, `needs` counts people by label.
    """

    title: str
    days: tuple[Day, ...]
    zone: str
    as_of: datetime
    capacity: int
    language: str
    place: str = ""
    host: str = ""
    facilitators: tuple[str, ...] = ()
    rows: tuple[RosterRow, ...] = ()
    needs: Mapping[str, int] = field(default_factory=dict)
    bring: tuple[str, ...] = ()

    @property
    def confirmed_count(self) -> int:
        """Count the people who have a seat."""
        return sum(row.status == CONFIRMED for row in self.rows)
