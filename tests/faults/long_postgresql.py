"""A selection on PostgreSQL, with the embedded broker under the launcher's own supervisor.

Those faults are here in which the database, its locks or its transactions have a part.
"""

from collections.abc import Callable

import pytest

from tests.databases import PostgresServer
from tests.faults import breaking_the_broker as broker
from tests.faults import breaking_the_database as database
from tests.faults import killing
from tests.faults.system import System

FAULTS = [
    killing.workers_killed,
    killing.two_hundred_for_twenty,
    broker.embedded_one_killed,
    killing.relay_killed_before_its_note,
    killing.web_killed_after_the_commit,
    killing.web_killed_before_the_commit,
    killing.sender_killed_in_the_window,
    killing.two_clocks,
    killing.everything_stopped_and_started,
    killing.poison,
    killing.without_the_lock,
]

on_postgresql = pytest.mark.parametrize("system", ["postgresql"], indirect=True)


@on_postgresql
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_nothing_is_lost_and_nothing_doubled(
    system: System, fault: Callable[[System], None]
) -> None:
    fault(system)


@on_postgresql
def test_a_database_that_is_restarted_is_found_again(
    system: System, postgres: PostgresServer
) -> None:
    database.restarted(system, postgres)
