"""The cells of a date line, told apart by what they say rather than by where they stand."""

from __future__ import annotations

from dataclasses import dataclass

from services.catalog.listing.dates import DatesRead, read_dates
from services.catalog.listing.fees import Fees, is_fee, language_of, read_fees
from services.catalog.listing.place import Place, read_place
from services.catalog.listing.times import cut_times


@dataclass(frozen=True, slots=True)
class Head:
    """What a date line says; `unread` and `times` quote the cells that are nothing else."""

    dates: DatesRead
    place: Place
    languages: tuple[str, ...]
    fees: Fees
    unread: tuple[str, ...]
    times: tuple[str, ...]

    @property
    def language(self) -> str:
        """The code of the one language named, or "" where none is or several are."""
        named = {language_of(cell) for cell in self.languages}
        return named.pop() if len(named) == 1 else ""


def read_head(date_line: str) -> Head:
    """Read a date line; raises UnreadDate when it names no days that exist."""
    first, *others = (cell.strip(" ,;") for cell in date_line.split("|"))
    date_cell, time = cut_times(first)
    dates = read_dates(date_cell)
    sorted_cells: dict[str, list[str]] = {"language": [], "fee": [], "time": [], "rest": []}
    for cell in others:
        if cell:
            sorted_cells[_kind(cell)].append(cell)
    rest = sorted_cells["rest"]
    return Head(
        dates=dates,
        place=read_place(rest[0] if rest else ""),
        languages=tuple(sorted_cells["language"]),
        fees=read_fees(sorted_cells["fee"]),
        unread=tuple(rest[1:]),
        times=(time, *sorted_cells["time"]),
    )


def _kind(cell: str) -> str:
    if language_of(cell):
        return "language"
    if is_fee(cell):
        return "fee"
    return "rest" if cut_times(cell)[0] else "time"
