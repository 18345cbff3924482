"""The columns of a roster that is a table: a heading and a text for each person, then the days."""

from collections.abc import Iterator

from services.documents.dates import short_day_text
from services.documents.labels import labels_in, status_text
from services.documents.roster import Roster, RosterRow


def sign_in_headings(roster: Roster) -> list[str]:
    """Give the heading of the empty column that each day has."""
    word = labels_in(roster.language)["sign_in"]
    return [f"{word} {short_day_text(day.date, roster.language)}" for day in roster.days]


def headings(roster: Roster) -> list[str]:
    """Give the headings of a row as `cells` fills it."""
    labels = labels_in(roster.language)
    person = [labels["name"], labels["local"], labels["role"], labels["email"], labels["phone"]]
    return [*person, labels["status"], labels["note"], *sign_in_headings(roster)]


def cells(roster: Roster) -> Iterator[list[str]]:
    """Give the texts of each person in turn, with an empty one for each day to be signed."""
    for row in roster.rows:
        yield [*_person(row, roster.language), *("" for _ in roster.days)]


def _person(row: RosterRow, language: str) -> list[str]:
    status = status_text(row.status, language)
    return [row.name, row.local, row.role, row.email, row.phone, status, row.note]
