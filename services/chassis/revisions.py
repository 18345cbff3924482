"""Which revision a service's database should be at; without Alembic, which few processes need."""

from functools import cache
from pathlib import Path

SERVICES = Path(__file__).parent.parent


@cache
def newest_revision(service: str) -> str:
    """The newest revision there is for a service's database, which its last file is named after."""
    *_, last = sorted((SERVICES / service / "migrations" / "versions").glob("[0-9]*.py"))
    return last.name.partition("_")[0]
