"""A database that is set back to an earlier moment."""

import signal
from pathlib import Path

from tests.facts import eventually
from tests.faults.killing import BUSY
from tests.faults.rush import PATIENCE_SECONDS, under_load
from tests.faults.system import System


def notify_set_back(system: System) -> None:
    """F18: notify forgets what came after a backup, is told again, and mails nobody twice."""
    sets = system.folder / "sets"
    with under_load(system, "F18") as rush:
        rush.until(BUSY)
        system.turnout("backup", str(sets))
        rush.until_all_but(0)
        eventually(system.is_settled, within=PATIENCE_SECONDS)
        before = system.witness.mails()
        with rush.fault_on():
            assert system.site.launched.stop(signal.SIGTERM) == 0
            system.turnout("restore", str(the_only(sets)), "--only", "notify", "--yes")
            system.start_again()
    rush.nobody_noticed()
    assert system.witness.mails() == before


def the_only(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found
