"""Runs machines over a database until they have made so many steps."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from services.chassis.service import Runtime
from tests.machine.machine import SeatMachine
from tests.machine.stores import Empty

STEPS_OF_ONE = 50


def run_machines(
    runtime: Runtime, empty: Empty, *, steps: int, asks_every: int = 1, shrinks: bool = True
) -> int:
    """How many steps were made; the machine's AssertionError when one went wrong."""
    known = {"runtime": runtime, "empty": staticmethod(empty), "asks_every": asks_every}
    kind = type("Machine", (SeatMachine,), known)
    while kind.steps < steps:
        run_state_machine_as_test(kind, settings=_settings(steps - kind.steps, shrinks))
    return kind.steps


def _settings(steps: int, shrinks: bool) -> settings:
    return settings(
        max_examples=steps // STEPS_OF_ONE + 1,
        stateful_step_count=STEPS_OF_ONE,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
