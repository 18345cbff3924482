"""Staff sign-ins that were ended before their time."""

from services.chassis.schema import create_ended_sign_in

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    create_ended_sign_in()
