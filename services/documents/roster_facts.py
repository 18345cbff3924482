"""What stands above the names on a roster, in words: when, where, who leads, how many, needs."""

from services.documents.dates import days_text, moment_text, schedule_text
from services.documents.labels import labels_in
from services.documents.printable import one_line
from services.documents.roster import Roster

Fact = tuple[str, str]


def roster_facts(roster: Roster) -> list[Fact]:
    """Give label and text of each line; a line that would be empty is left out."""
    labels = labels_in(roster.language)
    facts = [
        (labels["when"], "; ".join(schedule_text(roster.days, roster.language))),
        (labels["place"], one_line(roster.place)),
        (labels["facilitators"], ", ".join(one_line(name) for name in roster.facilitators)),
        (labels["host"], one_line(roster.host)),
        (labels["confirmed"], seats_text(roster)),
        (labels["needs"], needs_text(roster)),
    ]
    return [fact for fact in facts if fact[1]]


def when_and_where(roster: Roster) -> str:
    """Write days and place in one line, for the head or foot of each page."""
    days = days_text([day.date for day in roster.days], roster.language)
    return ", ".join(part for part in (days, one_line(roster.place)) if part)


def seats_text(roster: Roster) -> str:
    """Write how many of the seats are taken: `18 of 24`."""
    words = labels_in(roster.language)["count_of"]
    return words.format(count=roster.confirmed_count, total=roster.capacity)


def needs_text(roster: Roster) -> str:
    """Write each need with the number of people who have it, the most frequent first."""
    counted = sorted(roster.needs.items(), key=lambda need: (-need[1], need[0]))
    return ", ".join(f"{one_line(label)}\u00a0({count})" for label, count in counted if count)


def bring_items(roster: Roster) -> list[str]:
    """Give what the facilitator takes along, without blank entries."""
    return [item for item in map(one_line, roster.bring) if item]


def as_of_text(roster: Roster) -> str:
    """Write when the list was drawn up, in the session's own zone."""
    moment = moment_text(roster.as_of, roster.zone, roster.language)
    return f"{labels_in(roster.language)['as_of']} {moment}"
