"""Fixtures that every part of the suite may use."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.databases"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("turnout", deadline=None)
settings.load_profile("turnout")

_LONGEST = ("tests/faults", "tests/system", "tests/machine", "tests/reconciling", "tests/security")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest and mostly waits, so that the rest runs beside it."""
    items.sort(key=lambda each: not each.nodeid.startswith(_LONGEST))
