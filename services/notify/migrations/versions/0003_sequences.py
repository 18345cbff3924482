"""Events are counted in milliseconds, and a database knows where it comes from."""

from services.chassis.schema import (
    count_in_64_bits,
    create_database_fact,
    widen_chassis_sequences,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    widen_chassis_sequences()
    count_in_64_bits(
        delivery=("sequence",), subject_state=("sequence", "heard_sequence", "notice_sequence")
    )
    create_database_fact()
