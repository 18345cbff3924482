"""Fixtures that every part of the suite may use."""

from hypothesis import settings

pytest_plugins = ["tests.databases"]

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("turnout", deadline=None)
settings.load_profile("turnout")
