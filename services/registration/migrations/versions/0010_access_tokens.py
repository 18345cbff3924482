"""Access tokens: what each is for, and when it was last used."""

from services.chassis.schema import widen_tokens

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    widen_tokens()
