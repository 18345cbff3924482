"""Letting the clock forget, as it does when it comes round."""

from datetime import datetime

from services.chassis.retention import forget_what_is_due
from services.chassis.service import Runtime


def forget_all(runtime: Runtime, now: datetime) -> list[int]:
    """Turns of the loop until there is nothing left to forget; how much each forgot."""
    turns = []
    while done := forget_what_is_due(runtime, now):
        turns.append(done)
    return turns
