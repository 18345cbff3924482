"""F19 and F20: clocks that stop, jump and go back, on a system whose time goes where it is told.

In Toronto the night of 14 March 2027 has no hour between two and three; 29 February 2028 is a
Tuesday.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.facts import eventually
from tests.faults.report import Report
from tests.faults.rush import PATIENCE_SECONDS, Rush, under_load
from tests.faults.system import System, a_system
from tests.faults.tables import rows
from tests.faults.witness import plain

A_FEW = {"rate": 20, "seconds": 0.5, "cancels_every": 0}
LAST_TURN = "SELECT at FROM heartbeat WHERE name = 'planned mail'"
DST_NIGHT, LEAP_DAY = datetime(2027, 3, 14, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)


@pytest.fixture
def system(tmp_path: Path, report: Report) -> Iterator[System]:
    with a_system(tmp_path, "sqlite", report) as found:
        yield found


def test_planned_mail_comes_once_at_nine_after_the_dst_night_and_on_the_leap_day(
    system: System,
) -> None:
    """A reminder three days before, at nine o'clock there, whichever way the clocks went."""
    go_to(system, datetime(2027, 3, 1, 15, tzinfo=UTC))
    with under_load(system, "F20 (DST night)", on=date(2027, 3, 17), **A_FEW) as rush:
        rush.until_all_but(0)
        go_to(system, DST_NIGHT.replace(hour=12, minute=55))
        assert mails(rush, "reminder") == 0
        for hour, minute in ((13, 5), (11, 5), (13, 5)):
            go_to(system, DST_NIGHT.replace(hour=hour, minute=minute))
            eventually(lambda each=rush: all_are_reminded(each), within=PATIENCE_SECONDS)
    is_told_once_of_each(rush)
    go_to(system, datetime(2028, 2, 21, 15, tzinfo=UTC))
    system.sign_in()
    with under_load(system, "F20 (29 February)", on=date(2028, 3, 3), **A_FEW) as rush:
        rush.until_all_but(0)
        go_to(system, LEAP_DAY.replace(hour=13, minute=55))
        assert mails(rush, "reminder") == mails(rush, "roster") == 0
        go_to(system, LEAP_DAY.replace(hour=14, minute=5))
        eventually(lambda: all_are_reminded(rush), within=PATIENCE_SECONDS)
    is_told_once_of_each(rush)


def test_what_a_stopped_clock_missed_is_done_at_once_and_once(system: System) -> None:
    """An offer ran out and a roster fell due while no clock ran."""
    go_to(system, datetime(2027, 3, 1, 15, tzinfo=UTC))
    load = A_FEW | {"cancels_every": 10}
    with under_load(system, "F19 (stopped)", seats=5, on=date(2027, 3, 17), **load) as rush:
        rush.until_all_but(0)
        before = {"cancelled": 1, "confirmed": 4, "offered": 1, "waiting": 4}
        eventually(lambda: are_in(rush, before), within=PATIENCE_SECONDS)
        with rush.fault_on():
            for each in system.processes("clock"):
                each.suspend()
            go_to(system, datetime(2027, 3, 12, 14, 5, tzinfo=UTC), by_restart=False)
            for each in system.processes("clock"):
                each.resume()
            after = {"cancelled": 1, "confirmed": 4, "lapsed": 1, "offered": 1, "waiting": 3}
            eventually(lambda: are_in(rush, after), within=PATIENCE_SECONDS)
            eventually(lambda: has_roster(rush), within=PATIENCE_SECONDS)
    assert rush.tally.wrongs == {}
    assert mails(rush, "roster") == 1


def go_to(system: System, moment: datetime, *, by_restart: bool = True) -> None:
    """Set the clocks, and wait until planned mail has had a turn at the new time."""
    system.go_to(moment)
    if not by_restart:
        return
    for each in system.processes("clock"):
        each.kill()

    def had_its_turn() -> None:
        [turn] = rows(system.databases["registration"], LAST_TURN)
        at = datetime.fromisoformat(str(turn["at"])).replace(tzinfo=UTC)
        assert 0 <= (at - moment).total_seconds() < PATIENCE_SECONDS

    eventually(had_its_turn, within=PATIENCE_SECONDS)


def are_in(rush: Rush, states: dict[str, int]) -> None:
    found = Counter(row["state"] for row in rush.system.tables(rush.session).registrations.values())
    assert found == states


def mails(rush: Rush, kind: str) -> int:
    """How many of this kind the mail server took for this session."""
    query = "SELECT id, session_id, kind FROM delivery"
    found = rows(rush.system.databases["notify"], query)
    ours = {
        plain(row["id"])
        for row in found
        if row["kind"] == kind and plain(row["session_id"]) == plain(rush.session)
    }
    return sum(mail.mail_id in ours for mail in rush.system.witness.mails())


def all_are_reminded(rush: Rush) -> None:
    confirmed = rush.system.tables(rush.session).registrations
    assert mails(rush, "reminder") >= len(confirmed)


def has_roster(rush: Rush) -> None:
    assert mails(rush, "roster") >= 1


def is_told_once_of_each(rush: Rush) -> None:
    assert rush.tally.wrongs == {}
    assert mails(rush, "reminder") == len(rush.system.tables(rush.session).registrations)
    assert mails(rush, "roster") == 1
