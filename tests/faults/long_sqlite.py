"""The other faults, on SQLite; only `make faults` runs them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import breaking_the_broker as broker
from tests.faults import breaking_the_database as database
from tests.faults import killing, losing_the_mail_server, restoring
from tests.faults.disk import a_small_disk
from tests.faults.report import Report
from tests.faults.system import System, a_system

FAULTS = [
    killing.two_hundred_for_twenty,
    killing.worker_killed_with_a_message_in_hand,
    broker.away_for_longer,
    broker.away_while_idle,
    broker.frozen,
    broker.restarted_ten_times,
    broker.full,
    broker.without_bindings,
    killing.relay_killed_before_its_note,
    killing.web_killed_before_the_commit,
    database.locked_by_another,
    losing_the_mail_server.is_away,
    losing_the_mail_server.refuses_for_ten_minutes,
    killing.sender_killed_in_the_window,
    restoring.notify_set_back,
    killing.two_clocks,
    killing.everything_stopped_and_started,
    killing.deadly_poison,
    killing.worker_absent,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_is_lost_and_nothing_doubled(
    system: System, fault: Callable[[System], None]
) -> None:
    fault(system)


def test_a_full_disk_is_refused_politely_and_forgotten(tmp_path: Path, report: Report) -> None:
    with a_small_disk(tmp_path / "disk") as disk:
        url = f"sqlite:///{disk.folder / 'registration.sqlite3'}"
        settings = {"TURNOUT_REGISTRATION_DATABASE_URL": url}
        with a_system(tmp_path / "system", "sqlite", report, **settings) as system:
            database.without_room(system, disk)
