"""People: whom to erase."""

from services.chassis.schema import create_erasure

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_erasure()
