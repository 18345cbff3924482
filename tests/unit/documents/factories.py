"""Rosters, people and calendar entries for the tests of documents."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

from services.documents.calendar_file import CalendarEntry
from services.documents.dates import Day
from services.documents.roster import Roster, RosterRow

NOW = datetime(2026, 2, 26, 21, 5, tzinfo=UTC)

TWO_DAYS = (
    Day(date(2026, 2, 28), time(9), time(16)),
    Day(date(2026, 3, 1), time(9), time(16)),
)

NAMES_OF_THE_WORLD = [
    "Élodie Côté-Bélanger",
    "Nguyễn Thị Hồng",
    "Jose\u0301 Nu\u0301n\u0303ez",
    "Łukasz Wójcik",
    "Søren Ångström",
    "محمد العربي",
    "שלום כהן",
    "李明",
    "김민수",
    "प्रिया शर्मा",
    "ᓀᐦᐃᔭᐍᐏᐣ",
    "Ωραία Παπαδάκη",
    "Юрий Шевченко",
    "สมชาย",
    "Zoë 😀👩‍🏭",
    "O’Brien O'Brien",
    "Null",
    "None",
    "X",
    "W" * 200,
    "_x0041_ _x000D_",
]

FORMULA_PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://example.org/?x="&A1,"Click")',
    '=IMPORTXML("https://example.org","//a")',
    "=WEBSERVICE(A1)",
    '=DDE("cmd";"/C calc";"x")',
    "=SUM(A1:A9)*cmd|'/C calc'!A0",
    "==1",
    "=",
    "+1 416 555 0100",
    "+1+1",
    "+cmd|'/C calc'!A0",
    "-1",
    "-2+3+cmd|'/C calc'!A0",
    "- allergic to nuts",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "@example",
    " =1+1",
    "   +1",
    "\t=1+1",
    "\tplain text after a tab",
    "\r=1+1",
    "\rplain text after a return",
    "\n=1+1",
    "\x00=1+1",
    "\x00plain text after a nul",
    "\u00a0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "\x1b=1+1",
    "\uff1d1+1",
    "\uff0b1+1",
    "\uff0d1+1",
    "\uff20SUM(1)",
    '="quoted ""twice"""',
    "=1+1\r\n=2+2",
    "{=1+1}",
    "=A1,B1;C1",
    "=1" + "0" * 300,
    "=\U0001f600",
]


def a_person(name: str = "Ann Lee", **but: Any) -> RosterRow:
    """Give a confirmed member of a local."""
    return replace(
        RosterRow(
            name=name,
            local="Local 254, Municipal and Library Workers",
            role="Chief steward",
            email="ann.lee@example.org",
            phone="+1 416 555 0100",
            note="Arrives at 9:30",
        ),
        **but,
    )


def people(count: int) -> tuple[RosterRow, ...]:
    """Give as many members as wanted, each with a name of their own."""
    return tuple(a_person(f"Person{number:03} Lastname") for number in range(1, count + 1))


def a_roster(**but: Any) -> Roster:
    """Give a roster of a two-day workshop with two people on it."""
    roster = Roster(
        title="Steward training, level 1",
        days=TWO_DAYS,
        zone="America/Toronto",
        as_of=NOW,
        capacity=24,
        language="en",
        place="Lakeside Community Hall, Thunder Bay",
        host="Local 1204, Northern Hospital Workers",
        facilitators=("Marguerite Beaulieu", "Sam Whitefeather"),
        rows=people(2),
        needs={"Child care": 1, "Vegetarian meal": 4, "Interpretation": 0},
        bring=("Flip chart", "Name tags"),
    )
    return replace(roster, **but)


def an_entry(**but: Any) -> CalendarEntry:
    """Give the calendar entry of a two-day workshop."""
    entry = CalendarEntry(
        uid="4f1c@turnout.example.org",
        sequence=0,
        title="Steward training; level 1, part A",
        days=TWO_DAYS,
        zone="America/Toronto",
        description="Bring:\nyour collective agreement",
        location="Lakeside Community Hall, Thunder Bay",
        url="https://turnout.example.org/sessions/4f1c",
    )
    return replace(entry, **but)
