"""The faults that every change is tried against, on one running system with SQLite."""

from collections.abc import Callable

import pytest

from tests.faults import breaking_the_broker as broker
from tests.faults import killing, losing_the_mail_server
from tests.faults.system import System

FAULTS = [
    killing.workers_killed,
    broker.killed_while_busy,
    broker.away_while_busy,
    broker.restarted_empty,
    broker.thrice_and_shuffled,
    killing.web_killed_after_the_commit,
    losing_the_mail_server.misbehaves,
    killing.poison,
    killing.without_the_lock,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__doc__.partition(":")[0])
def test_nothing_is_lost_and_nothing_doubled(
    system: System, fault: Callable[[System], None]
) -> None:
    fault(system)
