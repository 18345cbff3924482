"""Faults of the mail server: it misbehaves in every way that it can, or is not there."""

from tests.faults.killing import BUSY
from tests.faults.rush import Rush, lasting, under_load
from tests.faults.system import System

MOODS = "later later later silent cut cut slow"
IN_DOUBT = 3
"""The silent one, and two that were cut."""


def misbehaves(system: System) -> None:
    """F16: 451, taken without an answer, taken and hung up on, slow: only doubt makes a copy."""
    with under_load(system, "F16") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.mail_server.moods.write_text(MOODS, encoding="utf-8")
            rush.until_doubted(IN_DOUBT)
        rush.until_all_but(0)
        system.go_ahead(minutes=3)
    rush.nobody_noticed()
    assert len(rush.tally.unknown) == IN_DOUBT
    # A place that was given up meanwhile gets its newer news instead of a second copy.
    assert 1 <= len(rush.tally.window_copies) <= IN_DOUBT


def is_away(system: System) -> None:
    """F16: connections are refused for 10 s."""
    with under_load(system, "F16 (away)") as rush:
        rush.until(BUSY)
        with rush.fault_on():
            system.mail_server.stop()
            lasting(10)
            system.mail_server.start()
    rush.nobody_noticed()
    assert rush.tally.unknown == []


def refuses_for_ten_minutes(system: System) -> None:
    """F16: 451 to everything, until the pauses between attempts are as long as they get."""
    with under_load(system, "F16 (ten minutes)") as rush:
        system.mail_server.moods.write_text("later+", encoding="utf-8")
        with rush.fault_on():
            rush.until_over()
            for _ in range(10):
                system.go_ahead(minutes=1)
                lasting(1)
            assert reached(rush) == 0
            system.mail_server.moods.unlink()
            system.go_ahead(minutes=6)
        rush.until_all_but(0)
    rush.nobody_noticed()
    assert rush.tally.unknown == []


def reached(rush: Rush) -> int:
    """How many of these members have a mail."""
    return sum(mail.to.startswith(f"{rush.name}.") for mail in rush.system.witness.mails())
