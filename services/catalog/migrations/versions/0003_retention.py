"""Retention: an event's row outlives what it said."""

from services.chassis.schema import let_go_of_old_events

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    let_go_of_old_events()
